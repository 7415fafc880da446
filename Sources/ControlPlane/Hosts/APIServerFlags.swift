/// The flags of an API server, from its manifest or from its process, as it reads them itself.
package struct APIServerFlags: Hashable, Sendable {
    /// The words behind the program's name.
    package let words: [String]

    package init(words: [String]) {
        self.words = words
    }

    /// The last value of a flag that takes one: `--name=value`, or `--name value`; `_` counts as `-`.
    package subscript(name: String) -> String? {
        var found: String?
        for (index, word) in words.enumerated() where word.hasPrefix("--") {
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard String(parts[0].map { $0 == "_" ? "-" : $0 }) == name else { continue }
            if parts.count == 2 {
                found = String(parts[1])
            } else if index + 1 < words.count {
                found = words[index + 1]
            }
        }
        return found
    }

    /// True where a switch is on: `--name`, or `--name=true`.
    package func isOn(_ name: String) -> Bool {
        words.contains("--\(name)") || ["true", "t", "1"].contains(self[name]?.lowercased())
    }
}

extension APIServerFlags {
    package var encryptionProviderConfig: String? { self["encryption-provider-config"] }
    package var reloadsEncryption: Bool { isOn("encryption-provider-config-automatic-reload") }
    package var securePort: Int { self["secure-port"].flatMap { Int($0) } ?? 6443 }
    package var bindAddress: String { self["bind-address"] ?? "0.0.0.0" }
    package var advertiseAddress: String? { self["advertise-address"] }
    package var etcdServers: [String] { (self["etcd-servers"] ?? "").split(separator: ",").map(String.init) }
    /// As the flag has it; `/registry` by default.
    package var etcdPrefix: String { self["etcd-prefix"] ?? "/registry" }
    package var etcdAuthority: String? { self["etcd-cafile"] }
    package var etcdCertificate: String? { self["etcd-certfile"] }
    package var etcdKey: String? { self["etcd-keyfile"] }

    /// True where both belong to one API server: the same etcd, prefix and port.
    package func isSameServer(as other: APIServerFlags) -> Bool {
        etcdServers == other.etcdServers && etcdPrefix == other.etcdPrefix && securePort == other.securePort
    }
}
