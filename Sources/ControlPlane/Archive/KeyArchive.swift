package import Reconciliation

/// A directory on the operator's machine with a copy of every key, each encrypted to the operator's recipients.
///
/// A file is `<cluster>/<key name>.cms.pem`. Nothing that is there is ever changed or removed.
package struct KeyArchive: Sendable {
    package let directory: String
    /// At least one.
    package let recipients: [ArchiveRecipient]

    package init(directory: String, recipients: [ArchiveRecipient]) {
        self.directory = directory
        self.recipients = recipients
    }

    /// Where the archive has a key.
    package struct Entry: Hashable, Sendable {
        package let key: Key
        package let path: String
        /// True where the key was not there before.
        package let isNew: Bool

        package init(key: Key, path: String, isNew: Bool) {
            self.key = key
            self.path = path
            self.isNew = isNew
        }
    }

    /// Makes sure that a key could be kept now, by a file of the same kind that is removed at once.
    ///
    /// - Throws: `KeyArchiveError`.
    package func rehearse(cluster: String) throws {
        let target = try ArchiveDirectory.making(directory).makingSubdirectory(PathComponent.escaping(cluster))
        let name = ".rehearsal-\(UInt64.random(in: .min ... .max))"
        _ = try target.create(name, Array(repeating: 0, count: 4096))
        try target.remove(name)
    }

    /// Sees to it that the archive has these keys; those without a secret of their own are passed over.
    ///
    /// `hosts` are the cluster's, as the archive records them; `now` is seconds since 1970.
    ///
    /// - Throws: `KeyArchiveError`, `MissingSecret`, `CryptoError`.
    package func keep(
        _ keys: some Sequence<Key>, of material: KeyMaterial, cluster: String, hosts: [HostName], now: Int
    ) throws -> [Entry] {
        let date = UTCTime(secondsSince1970: now).description
        let labels = Set(keys).sorted().compactMap { ArchiveLabel(cluster: cluster, key: $0, date: date) }
        if labels.isEmpty { return [] }
        let archive = try ArchiveDirectory.making(directory)
        let target = try archive.makingSubdirectory(PathComponent.escaping(cluster))
        return try labels.map { label in
            guard let secret = material.secrets[label.key] else { throw MissingSecret(key: label.key) }
            return try keep(ArchivedKey(label: label, secret: secret, hosts: hosts), in: target)
        }
    }

    private func keep(_ key: ArchivedKey, in directory: borrowing ArchiveDirectory) throws -> Entry {
        for name in key.label.fileNames {
            let path = "\(directory.path)/\(name)"
            if !directory.contains(name) {
                let file = Array(key.label.text.utf8) + (try CMSEnvelope.seal(key.json(), to: recipients))
                if try directory.create(name, file) { return Entry(key: key.label.key, path: path, isNew: true) }
            }
            if Self.isKept(key.label, in: try directory.read(name)) {
                return Entry(key: key.label.key, path: path, isNew: false)
            }
        }
        throw KeyArchiveError(
            path: "\(directory.path)/\(key.label.fileNames.last ?? "")",
            problem: """
                this file should hold the key "\(key.label.key)", and does not, or not whole: an earlier run may have been \
                killed while it wrote it. Move it away and run again
                """)
    }

    /// False for another key of the same name, and for a file that nobody finished.
    private static func isKept(_ label: ArchiveLabel, in file: [UInt8]) -> Bool {
        ArchiveLabel(of: file)?.names(label) == true && CMSEnvelope.isWhole(file)
    }
}
