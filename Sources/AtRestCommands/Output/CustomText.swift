internal import Reconciliation

/// What there is to say of the operator's own configuration.
enum CustomText {
    /// One line for each entry's resources: what writes them and what else is read.
    static func render(_ configuration: EncryptionConfiguration) -> String {
        configuration.resources.map { resource in
            let ring = configuration.keyRing(for: resource)
            let others = ring.others.map(\.description).joined(separator: ", ")
            return "  \(resource): write \(ring.writeKey)" + (others.isEmpty ? "" : ", read \(others)") + "\n"
        }.joined() + identityFirst(configuration).map { "Note: \($0)\n" }.joined()
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
