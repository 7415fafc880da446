package import Reconciliation

extension ClusterSession {
    /// Makes sure that nothing at all in etcd is stored under a key that a host is about to lose, from its disk or its memory.
    ///
    /// Resources that no configuration names are looked at too: somebody may have taken one out of it by hand.
    ///
    /// - Throws: `KeyStillNeeded`, `KeyOnNoDisk`.
    func proveNothingIsOrphaned(on host: HostName, by target: Target) async throws {
        let found = try probe(of: host).observed(health: .ready)
        let present = found.file.configuration?.keys ?? []
        let dropped = present.subtracting(target.configuration.keys).subtracting([.identity])
        // Its file, or what its API server has in memory, may hold a key that nobody has seen.
        let mayHoldMore = found.loaded == .unknown || found.isFlagged && found.file.configuration == nil
        guard !dropped.isEmpty || mayHoldMore else { return }

        let known = Set(material.keys.map(\.storedForm))
        let survey = try await StorageClassifier(gateway: try await gateway(of: host))
            .survey(try storagePrefix(of: host), knownForms: known)
        try survey.proveNothingIsStored(under: dropped)
        guard mayHoldMore else { return }
        let unknown = Set(survey.encrypted.values.joined()).subtracting(known).subtracting([.plaintext])
        if let form = unknown.min() {
            throw KeyOnNoDisk(host: host, form: form, directories: survey.directories(holding: form))
        }
    }
}

extension ClusterSession {
    /// Makes sure that nothing at all in etcd is stored under these keys.
    ///
    /// - Throws: `KeyStillNeeded`.
    func proveNothingIsStored(under keys: Set<Key>, host: HostName) async throws {
        guard !keys.subtracting([.identity]).isEmpty else { return }
        try await StorageClassifier(gateway: try await gateway(of: host))
            .survey(try storagePrefix(of: host), knownForms: Set(material.keys.map(\.storedForm)))
            .proveNothingIsStored(under: keys.subtracting([.identity]))
    }
}

extension StorageSurvey {
    fileprivate func proveNothingIsStored(under keys: Set<Key>) throws(KeyStillNeeded) {
        for key in keys.sorted() {
            let directories = directories(holding: key.storedForm)
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

/// A key that something in etcd is stored under, and that only an API server's memory or an unreadable file may hold.
package struct KeyOnNoDisk: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let form: StoredForm
    package let directories: [String]

    package var description: String {
        """
        etcd holds objects under \(form) at \(directories.joined(separator: ", ")), and that key is in no file that can be \
        read. The API server of \(host) may hold it: do not restart it. Bring the configuration that holds this key back, then \
        run the same command again
        """
    }
}
