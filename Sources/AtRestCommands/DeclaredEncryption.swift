internal import ControlPlane
internal import Manifest

/// What the manifest asks for, with its custom configuration read.
enum DeclaredEncryption: Sendable {
    case disabled
    case managed
    case custom(EncryptionConfigurationFile)

    /// Reads the custom configuration, where there is one.
    ///
    /// - Throws: `InputError` with all that is wrong with it, each at its place in the manifest.
    init(_ declared: KubeOneManifest.Encryption) throws {
        switch declared {
        case .disabled: self = .disabled
        case .managed: self = .managed
        case .custom(let text):
            do {
                self = .custom(try EncryptionConfigurationFile(wish: text.text, label: "the custom configuration"))
            } catch let error as EncryptionFileError {
                throw InputError(
                    error.findings.map { text.problem($0.problem, line: $0.line, column: $0.column) })
            }
        }
    }
}
