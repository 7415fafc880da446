internal import Reconciliation

/// What there is to say of the operator's own configuration.
enum CustomText {
    /// One line for each resource, and what it means where plain text is written.
    static func render(_ configuration: EncryptionConfiguration) -> String {
        let lines = configuration.keysByResource.map { "  \($0)" } + identityFirst(configuration).map { "Note: \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    /// What it means that plain text is written although keys are there, for each provider that could be first.
    ///
    /// `encrypted` has how many objects of a resource are encrypted now; empty where nobody has looked.
    static func identityFirst(
        _ configuration: EncryptionConfiguration, encrypted: [ResourceName: Int] = [:]
    ) -> [String] {
        configuration.resources.compactMap { resource in
            let ring = configuration.keyRing(for: resource)
            guard ring.writeKey == .identity, let first = ring.others.first(where: { $0 != .identity }) else {
                return nil
            }
            let count = encrypted[resource].map { plural($0, "encrypted object") } ?? "encrypted objects"
            return
                "the first provider for \(resource) is identity: nothing new is encrypted, and \(count) will be written "
                + "back as plain text; to encrypt, move \(first.providerName) first"
        }
    }
}

extension Key {
    /// The provider as the configuration file names it.
    var providerName: String {
        switch self {
        case .identity: "identity"
        case .local(let provider, _, _): provider.rawValue
        case .kms: "kms"
        }
    }
}
