/// What the operator's manifest and flags ask for.
package enum DesiredEncryption: Hashable, Sendable {
    case disabled
    /// One key for Secrets; with `rotate` one that is not in use yet.
    case managed(rotate: Bool)
    case custom(CustomConfiguration)
}

/// A configuration that the operator wrote; every host ends with its bytes.
package struct CustomConfiguration: Hashable, Sendable {
    package let configuration: EncryptionConfiguration
    /// Lower-case hex of the SHA-256 of the text.
    package let digest: String

    package init(configuration: EncryptionConfiguration, digest: String) {
        self.configuration = configuration
        self.digest = digest
    }
}
