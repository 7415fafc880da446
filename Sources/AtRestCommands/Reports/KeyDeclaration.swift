internal import ControlPlane
internal import Reconciliation

/// Which key each resource is to be stored under: by the manifest, and for managed encryption by the key that the hosts have.
struct KeyDeclaration: Sendable {
    private enum Wish: Sendable {
        case disabled
        case managed
        case custom(EncryptionConfiguration)
    }

    private let wish: Wish
    private let sighting: ClusterSighting

    init(_ declared: DeclaredEncryption, sighting: ClusterSighting) {
        self.sighting = sighting
        switch declared {
        case .disabled: wish = .disabled
        case .managed: wish = .managed
        case .custom(let declared): wish = .custom(declared.file.configuration)
        }
    }

    /// Nil where that is for the hosts to say, and they do not agree.
    func writeKey(for resource: ResourceName) -> Key? {
        switch wish {
        case .disabled: return .identity
        case .custom(let configuration): return configuration.keyRing(for: resource).writeKey
        case .managed:
            guard resource == .secrets else { return .identity }
            let keys = sighting.writeKeys(for: resource)
            return keys.count == 1 && keys[0].isLocal ? keys[0] : nil
        }
    }

    /// The names that decide how each of these resources is written: wildcards in place of what only they name.
    func names(for resources: [ResourceName]) -> [ResourceName] {
        var configurations = sighting.writers
        if case .custom(let configuration) = wish { configurations.append(configuration) }
        return resources.namedShortly(by: configurations)
    }

    /// Where a host writes otherwise than declared: what is stored now may be right, and will not stay so.
    func differences(of resources: [ResourceName]) -> [String] {
        resources.flatMap { resource -> [String] in
            if let key = writeKey(for: resource) {
                return writers(of: resource).filter { $0.key != key }.map { host, found in
                    "\(host) writes \(resource) \(words(found, insteadOf: key))"
                }
            }
            let found = writers(of: resource).map { "\($0.host) \(words($0.key, insteadOf: nil))" }
            return [
                "the manifest asks for one managed key for \(resource), and the hosts write: \(found.joined(separator: ", "))"
            ]
        } + unreadable
    }

    private var unreadable: [String] {
        sighting.hosts.compactMap { host in
            host.found?.host.fileFinding.map { "\(host.name): \($0)" }
        }
    }

    private func writers(of resource: ResourceName) -> [(host: HostName, key: Key)] {
        sighting.hosts.compactMap { host in
            host.found?.writer.map { (host.name, $0.keyRing(for: resource).writeKey) }
        }
    }

    private func words(_ key: Key, insteadOf wanted: Key?) -> String {
        guard key != .identity else { return "as plain text" }
        // etcd shows names only; of two secrets with one name, one opens nothing of the other's.
        return key.storedForm == wanted?.storedForm ? "with another secret named \(key)" : "with \(key)"
    }
}
