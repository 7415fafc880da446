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

    /// Every two keys that API servers would take for each other.
    package var conflicts: [KeyConflict] {
        let sameName = Dictionary(grouping: keys) { key in
            if case .local(let provider, let name, _) = key {
                "\(provider.rawValue):\(name)"
            } else {
                "kms:\(key.name)"
            }
        }
        return sameName.values.filter { $0.count > 1 }
            .map { KeyConflict(first: $0[0], second: $0[1]) }
            .sorted { $0.first < $1.first }
    }
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

/// Two different keys under one name.
package struct KeyConflict: Error, Hashable, Sendable, CustomStringConvertible {
    package let first: Key
    package let second: Key

    package var description: String {
        switch first {
        case .kms:
            "the KMS name \"\(first.name)\" stands for two plugins (another endpoint or version); give the new one a new name"
        case .local, .identity:
            "\"\(first)\" stands for two different secrets, and the API server could not tell them apart; "
                + "give the new key a new name"
        }
    }
}
