/// A provider whose key stands in the configuration file itself.
package enum LocalProvider: String, Hashable, Sendable, CaseIterable, Comparable {
    case aescbc
    case aesgcm
    case secretbox

    package static func < (left: LocalProvider, right: LocalProvider) -> Bool { left.rawValue < right.rawValue }
}

/// A KMS protocol version.
package enum KMSVersion: String, Hashable, Sendable, Comparable {
    case v1
    case v2

    package static func < (left: KMSVersion, right: KMSVersion) -> Bool { left.rawValue < right.rawValue }
}

/// The first 16 hex digits of the SHA-256 of a secret's bytes: tells two secrets apart and says nothing about either.
package struct Fingerprint: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }

    package static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.text < right.text }
}

/// What an object in etcd can be stored under.
///
/// Holds no secret: secrets are looked up by this value where a file is written.
package enum Key: Hashable, Sendable, Comparable {
    /// Plain text.
    case identity
    case local(provider: LocalProvider, name: String, fingerprint: Fingerprint)
    case kms(version: KMSVersion, name: String, endpoint: String)

    /// What etcd shows of an object stored under this key.
    package var storedForm: StoredForm {
        switch self {
        case .identity: .plaintext
        case .local(let provider, let name, _): .encrypted(scheme: "\(provider.rawValue):v1", name: name)
        case .kms(let version, let name, _): .encrypted(scheme: "kms:\(version.rawValue)", name: name)
        }
    }
}

extension Key {
    /// True for a KMS whose plugin goes from key to key, and whose objects an empty patch has written under the one of now.
    package var hasKeysOfItsOwn: Bool {
        if case .kms(.v2, _, _) = self { true } else { false }
    }
}

extension Key: CustomStringConvertible {
    package var description: String {
        switch self {
        case .identity: "identity"
        case .local(let provider, let name, _): "\(provider.rawValue):\(name.printable(limit: 256))"
        case .kms(_, let name, _): "kms:\(name.printable(limit: 256))"
        }
    }
}

/// What etcd shows of the way an object is stored: provider and key name, never which secret.
package enum StoredForm: Hashable, Sendable, Comparable {
    /// Everything that does not begin with `k8s:enc:`.
    case plaintext
    /// A value that begins `k8s:enc:<scheme>:<name>:`; the scheme is `aescbc:v1`, `aesgcm:v1`, `secretbox:v1`, `kms:v1` or
    /// `kms:v2` (or another that this version does not know).
    case encrypted(scheme: String, name: String)

    /// The bytes that every value of this form begins with; nil for plain text.
    package var prefix: String? {
        switch self {
        case .plaintext: nil
        case .encrypted(let scheme, let name): "k8s:enc:\(scheme):\(name):"
        }
    }
}
