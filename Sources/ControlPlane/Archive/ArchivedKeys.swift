package import Reconciliation

/// The operator's archive as the source of keys that no host has any more: one cluster's files, each opened only once it is
/// needed.
package struct ArchivedKeys: Sendable {
    /// The directory of the cluster.
    package let directory: String
    private let files: [KeyArchive.File]
    private let privateKey: DecryptionKey

    /// Reads a cluster's files in an archive, and opens none.
    ///
    /// - Throws: `KeyArchiveError`; `NoKeysOfCluster`.
    package init(of cluster: String, in archive: String, privateKey: DecryptionKey) throws {
        directory = "\(archive)/\(PathComponent.escaping(cluster))"
        files = try KeyArchive.files(of: cluster, in: archive)
        self.privateKey = privateKey
    }

    /// A key that was needed, and the file that it was in.
    package struct Found: Sendable {
        package let key: ArchivedKey
        package let path: String
    }

    /// The keys that may be the one that objects are stored under: different ones where the archive has several of that name.
    ///
    /// - Throws: `CannotOpenArchivedKey`.
    package func keys(for form: StoredForm) throws -> [Found] {
        var found: [Found] = []
        for file in files where file.mayHold(form) {
            if found.contains(where: { $0.key.label.key == file.label?.key }) { continue }
            let opened = try file.open(with: privateKey)
            guard opened.label.key.storedForm == form else { continue }
            if found.contains(where: { $0.key.label.key == opened.label.key }) { continue }
            found.append(Found(key: opened, path: file.path))
        }
        return found
    }
}

extension KeyArchive.File {
    /// What a file says of itself; without first lines its name says the key's, and nothing the provider.
    fileprivate func mayHold(_ form: StoredForm) -> Bool {
        guard case .encrypted(_, name: let wanted) = form, isWhole else { return false }
        return label.map { $0.key.storedForm == form } ?? (name == wanted)
    }
}
