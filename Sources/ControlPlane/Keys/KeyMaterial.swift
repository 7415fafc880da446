package import Reconciliation

/// What configuration files hold beside the keys' names: the secrets, and how a KMS is spoken to.
package struct KeyMaterial: Sendable {
    /// The secret of every known local key.
    package private(set) var secrets: [Key: SecretBytes]
    /// Every known KMS key.
    package private(set) var kmsOptions: [Key: KMSOptions]

    package init(secrets: [Key: SecretBytes] = [:], kmsOptions: [Key: KMSOptions] = [:]) {
        self.secrets = secrets
        self.kmsOptions = kmsOptions
    }

    /// Adds what is not known yet; what is known stays.
    package mutating func merge(_ other: KeyMaterial) {
        secrets.merge(other.secrets) { known, _ in known }
        kmsOptions.merge(other.kmsOptions) { known, _ in known }
    }

    package func merging(_ other: KeyMaterial) -> KeyMaterial {
        var result = self
        result.merge(other)
        return result
    }

    /// Every known key but `identity`, in a fixed order.
    package var keys: [Key] { (Array(secrets.keys) + Array(kmsOptions.keys)).sorted() }
}

extension KeyMaterial: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<material of \(keys.map(\.description).joined(separator: ", "))>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// How the API server speaks to a KMS plugin; decides nothing about what is stored.
package struct KMSOptions: Hashable, Sendable {
    package let cacheSize: Int?
    /// A Go duration: `3s`.
    package let timeout: String?

    package init(cacheSize: Int? = nil, timeout: String? = nil) {
        self.cacheSize = cacheSize
        self.timeout = timeout
    }
}
