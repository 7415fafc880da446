package import Reconciliation

extension ClusterSession {
    /// Makes sure that nothing at all in etcd is stored under a key that a host is about to lose.
    ///
    /// Resources that no configuration names are looked at too: somebody may have taken one out of it by hand.
    ///
    /// - Throws: `KeyStillNeeded`.
    func provePruneIsSafe(_ host: HostName, _ target: Target) async throws {
        let probe = try probe(of: host)
        guard let present = probe.observed(health: .ready).file.configuration else { return }
        let dropped = present.keys.subtracting(target.configuration.keys).subtracting([.identity])
        guard !dropped.isEmpty else { return }
        let survey = try await StorageClassifier(gateway: try await gateway(of: host))
            .survey(try storagePrefix(of: host), knownForms: Set(material.keys.map(\.storedForm)))
        for key in dropped.sorted() {
            let directories = survey.directories(holding: key.storedForm)
            guard directories.isEmpty else { throw KeyStillNeeded(key: key, directories: directories) }
        }
    }
}

/// A key that was about to be dropped, and that something in etcd is stored under.
package struct KeyStillNeeded: Error, Hashable, Sendable, CustomStringConvertible {
    package let key: Key
    package let directories: [String]

    package var description: String {
        """
        the key \(key) is kept: etcd holds objects under it at \(directories.joined(separator: ", ")), which no \
        configuration names. Rewrite or delete them, then run the same command again
        """
    }
}
