internal import ControlPlane
internal import Manifest

/// What the manifest asks for, with its custom configuration read.
enum DeclaredEncryption: Sendable {
    case disabled
    case managed
    case custom(DeclaredConfiguration)

    /// Reads the custom configuration, where there is one.
    ///
    /// - Throws: `InputError` with all that is wrong with it, each at its place in the manifest.
    init(_ declared: KubeOneManifest.Encryption) throws {
        switch declared {
        case .disabled: self = .disabled
        case .managed: self = .managed
        case .custom(let text): self = .custom(try DeclaredConfiguration(text))
        }
    }
}

/// The operator's own configuration, and where it stands in the manifest.
struct DeclaredConfiguration: Sendable {
    let file: EncryptionConfigurationFile
    private let text: CustomConfigurationText

    /// Where it begins in the manifest.
    var place: Place { text.place }

    init(_ text: CustomConfigurationText) throws {
        self.text = text
        do {
            file = try EncryptionConfigurationFile(wish: text.text, label: "the custom configuration")
        } catch let error as EncryptionFileError {
            throw Self.located(error, in: text)
        }
    }

    /// Makes sure that every API server can carry it out.
    ///
    /// - Throws: `InputError` with all that one of them cannot, each at its place in the manifest.
    func check(on session: ClusterSession) async throws {
        do { try await session.checkSupport(of: file) } catch let error as EncryptionFileError {
            throw Self.located(error, in: text)
        }
    }

    private static func located(_ error: EncryptionFileError, in text: CustomConfigurationText) -> InputError {
        InputError(error.findings.map { text.problem($0.problem, line: $0.line, column: $0.column) })
    }
}
