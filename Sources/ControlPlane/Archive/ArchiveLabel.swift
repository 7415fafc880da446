package import Reconciliation

/// What stands in plain text in front of an archived key: which key it is, and nothing that opens anything.
///
/// It tells an archived key from another one of the same name without the recipients' private key. It is not protected: what
/// it says is proven only by opening the file.
package struct ArchiveLabel: Hashable, Sendable {
    package let cluster: String
    package let provider: LocalProvider
    package let name: String
    package let fingerprint: Fingerprint
    /// When the key was archived: `2026-01-31T23:59:59Z`.
    package let date: String

    /// Nil for a key that has no secret of its own: `identity` and those of a KMS.
    init?(cluster: String, key: Key, date: String) {
        guard case .local(let provider, let name, let fingerprint) = key else { return nil }
        self.init(cluster: cluster, provider: provider, name: name, fingerprint: fingerprint, date: date)
    }

    private init(cluster: String, provider: LocalProvider, name: String, fingerprint: Fingerprint, date: String) {
        self.cluster = cluster
        self.provider = provider
        self.name = name
        self.fingerprint = fingerprint
        self.date = date
    }

    package var key: Key { .local(provider: provider, name: name, fingerprint: fingerprint) }

    /// True where both are about the same key of the same cluster, whenever it was archived.
    func names(_ other: ArchiveLabel) -> Bool { (cluster, key) == (other.cluster, other.key) }

    /// The names that the key's file may have, the wanted one first; the second is no other key's.
    var fileNames: [String] {
        let name = PathComponent.escaping(name)
        return [name, "\(name)\(Self.separator)\(provider.rawValue)-\(fingerprint)"].map { $0 + Self.fileSuffix }
    }

    static let fileSuffix = ".cms.pem"
    /// In no escaped name.
    static let separator: Character = "@"
}

// MARK: - Text

extension ArchiveLabel {
    /// The lines in front of the envelope; readers of PEM pass over them.
    var text: String {
        """
        A key of atrest's archive: openssl cms -decrypt -inform PEM -in FILE -inkey KEY.pem
        Cluster: \(PathComponent.escaping(cluster))
        Key: \(PathComponent.escaping(name))
        Provider: \(provider.rawValue)
        Fingerprint: \(fingerprint)
        Date: \(date)

        """
    }

    /// Reads the label of a file; nil where it has none.
    init?(of file: [UInt8]) {
        let lines = String(decoding: file.prefix(4096), as: UTF8.self).split(separator: "\n")
        var fields: [Substring: Substring] = [:]
        for line in lines.prefix(while: { !$0.hasPrefix("-----BEGIN ") }) {
            let parts = line.split(separator: ": ", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard
            let cluster = fields["Cluster"].flatMap(PathComponent.unescaping),
            let name = fields["Key"].flatMap(PathComponent.unescaping),
            let provider = fields["Provider"].flatMap({ LocalProvider(rawValue: String($0)) }),
            let fingerprint = fields["Fingerprint"], let date = fields["Date"]
        else { return nil }
        self.init(
            cluster: cluster, provider: provider, name: name, fingerprint: Fingerprint(String(fingerprint)),
            date: String(date))
    }
}
