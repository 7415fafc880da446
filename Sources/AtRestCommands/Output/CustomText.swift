internal import Reconciliation

/// What there is to say of the operator's own configuration.
enum CustomText {
    /// One line for each resource, and what it means where plain text is written.
    static func render(_ configuration: EncryptionConfiguration) -> String {
        let notes = warnings(configuration, stored: nil).map { "Note: \($0)" }
        return (configuration.keysByResource.map { "  \($0)" } + notes).map { $0 + "\n" }.joined()
    }

    /// What a configuration writes as plain text although a key is there for it, or a key was.
    ///
    /// `stored` is what etcd holds now; nil where nobody has looked.
    static func warnings(
        _ configuration: EncryptionConfiguration, stored: [ResourceName: StoredObjects]?
    ) -> [String] {
        let unnamed = (stored ?? [:]).sorted { $0.key < $1.key }.compactMap { resource, objects -> String? in
            guard configuration.keyRing(for: resource).keys == [.identity] else { return nil }
            return becomesPlain(objects).map { "nothing encrypts \(resource) any more: \($0)" }
        }
        return identityFirst(configuration, stored: stored) + unnamed
    }

    /// The resources that a configuration has a key for and writes as plain text all the same; `stored` is as above.
    static func identityFirst(
        _ configuration: EncryptionConfiguration, stored: [ResourceName: StoredObjects]?
    ) -> [String] {
        configuration.resources.compactMap { resource in
            let ring = configuration.keyRing(for: resource)
            guard ring.writeKey == .identity, let first = ring.others.first(where: { $0 != .identity }) else {
                return nil
            }
            let becomes =
                becomesPlain(stored.map { $0.objects(of: resource, in: configuration) }).map { ", and \($0)" } ?? ""
            return
                "the first provider for \(resource) is identity: nothing new is encrypted\(becomes); to encrypt, move "
                + "\(first.providerName) first"
        }
    }

    /// Nil where nothing is encrypted.
    private static func becomesPlain(_ stored: StoredObjects??) -> String? {
        switch stored {
        case .none: return "encrypted objects will be written back as plain text"
        case .some(.none): return nil
        case .some(.some(let objects)):
            guard objects.forms.contains(where: { $0 != .plaintext }) else { return nil }
            // How many are encrypted is not observed where some are plain text.
            let which =
                objects.forms.contains(.plaintext) ? "encrypted objects" : plural(objects.count, "encrypted object")
            return "\(which) will be written back as plain text"
        }
    }
}

extension [ResourceName: StoredObjects] {
    /// Those of a resource, or together those of what only a wildcard names; nil where there are none.
    fileprivate func objects(of name: ResourceName, in configuration: EncryptionConfiguration) -> StoredObjects? {
        guard name.isWildcard else { return self[name] }
        let names = Set(configuration.resources)
        let covered = filter { resource, _ in
            !names.contains(resource) && name.covers(resource)
                && (name != .everything || !names.contains(resource.groupWildcard))
        }
        guard !covered.isEmpty else { return nil }
        return covered.values.reduce(into: StoredObjects(count: 0, forms: [])) { all, objects in
            all.count += objects.count
            all.forms.formUnion(objects.forms)
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
