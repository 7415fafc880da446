/// A resource as an EncryptionConfiguration names it: `secrets`, `deployments.apps`, `*.apps`, `*.*`.
package struct ResourceName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static let secrets = ResourceName("secrets")

    /// The wildcard behind all others.
    package static let everything = ResourceName("*.*")

    package var description: String { text.printable(limit: 256) }

    /// True for `*.*` and `*.<group>`.
    package var isWildcard: Bool { text.hasPrefix("*.") }

    /// The wildcard of this resource's group: `*.apps` for `deployments.apps`, `*.` for a core resource.
    package var groupWildcard: ResourceName {
        guard let dot = text.firstIndex(of: ".") else { return ResourceName("*.") }
        return ResourceName("*" + text[dot...])
    }

    /// Whether this is a wildcard that stands for another name too: `*.apps` for `deployments.apps`, `*.*` for `*.apps`.
    package func covers(_ other: ResourceName) -> Bool {
        isWildcard && self != other && (self == .everything || other.groupWildcard == self)
    }

    package static func < (left: ResourceName, right: ResourceName) -> Bool { left.text < right.text }
}

/// The keys that an API server may read a resource with, in its order; the first is the write key.
package struct KeyRing: Hashable, Sendable {
    package let writeKey: Key
    /// The keys behind the write key.
    package let others: [Key]

    package init(writeKey: Key, others: [Key] = []) {
        self.writeKey = writeKey
        self.others = others
    }

    /// Write key first.
    package var keys: [Key] { [writeKey] + others }

    package func contains(_ key: Key) -> Bool { keys.contains(key) }
}

/// An encryption configuration without its secrets: what decides how each resource is written and read.
package struct EncryptionConfiguration: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let resources: [ResourceName]
        /// All providers' keys in order; never empty.
        package let keys: [Key]

        package init(resources: [ResourceName], keys: [Key]) {
            self.resources = resources
            self.keys = keys
        }
    }

    package let entries: [Entry]

    package init(entries: [Entry]) {
        self.entries = entries
    }

    /// What an API server without the flag does: everything is plain text.
    package static let unencrypted = EncryptionConfiguration(entries: [])

    /// The keys for a resource as the API server picks them: all entries that name it exactly; only if there are none those
    /// of its group's wildcard; only if none those of `*.*`; else plain text.
    ///
    /// For a wildcard they are those of every resource that it covers and that is named in no narrower way, also of one that is
    /// not served yet.
    package func keyRing(for resource: ResourceName) -> KeyRing {
        for name in [resource, resource.groupWildcard, .everything] {
            let keys = entries.filter { $0.resources.contains(name) }.flatMap(\.keys)
            if let first = keys.first {
                return KeyRing(writeKey: first, others: Array(keys.dropFirst()))
            }
        }
        return KeyRing(writeKey: .identity)
    }

    /// Every resource that an entry names, without repetition, in order.
    package var resources: [ResourceName] {
        var seen: Set<ResourceName> = []
        return entries.flatMap(\.resources).filter { seen.insert($0).inserted }
    }

    /// Every key of every entry, `identity` included.
    package var keys: Set<Key> { Set(entries.flatMap(\.keys)) }
}
