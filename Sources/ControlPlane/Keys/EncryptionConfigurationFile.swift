package import Reconciliation
internal import YAML

/// An encryption configuration file as kube-apiserver reads it.
package struct EncryptionConfigurationFile: Sendable {
    /// The bytes, verbatim.
    package let content: SecretBytes
    package let configuration: EncryptionConfiguration
    package let material: KeyMaterial
    /// Lower-case hex of the SHA-256 of the bytes.
    package let digest: String

    /// Reads a file's bytes; errors call it `label`.
    ///
    /// - Throws: `EncryptionFileError` where the API server would not load it.
    package init(_ content: SecretBytes, label: String) throws {
        self.content = content
        digest = try content.sha256Hex()
        var reader = EncryptionFileReader(content, file: label)
        configuration = try reader.configuration()
        material = reader.material
    }

    /// Reads a text that the operator wrote.
    package init(text: String, label: String) throws {
        try self.init(SecretBytes(text.utf8), label: label)
    }
}
