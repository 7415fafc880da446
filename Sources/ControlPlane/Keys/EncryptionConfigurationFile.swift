package import Reconciliation

/// An encryption configuration file as kube-apiserver reads it.
package struct EncryptionConfigurationFile: Sendable {
    /// The bytes, verbatim.
    package let content: SecretBytes
    package let configuration: EncryptionConfiguration
    package let material: KeyMaterial
    /// Lower-case hex of the SHA-256 of the bytes.
    package let digest: String

    /// What stands where.
    let entries: [LocatedEntry]

    /// Reads a live file's bytes as an API server that can do this would; errors call it `label`.
    ///
    /// - Throws: `EncryptionFileError` where the API server would not load it.
    package init(_ content: SecretBytes, label: String, support: EncryptionSupport? = nil) throws {
        try self.init(content, label: label, mode: .live(support))
    }

    /// Reads what an operator asks for, which must be right for every API server, and mean what it looks like.
    ///
    /// - Throws: `EncryptionFileError` with all that is wrong.
    package init(wish text: String, label: String) throws {
        try self.init(SecretBytes(text.utf8), label: label, mode: .wish)
    }

    private init(_ content: SecretBytes, label: String, mode: EncryptionFileReader.Mode) throws {
        self.content = content
        digest = try content.sha256Hex()
        var reader = EncryptionFileReader(content, file: label, mode: mode)
        try reader.read()
        entries = reader.entries
        material = reader.material
        configuration = EncryptionConfiguration(
            entries: entries.map { .init(resources: $0.resources.map(\.value), keys: $0.keys.map(\.value)) })
    }
}
