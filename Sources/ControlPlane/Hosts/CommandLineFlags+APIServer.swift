/// What the control plane's place and its etcd are asked of.
extension CommandLineFlags {
    /// Nil also where the flag has no value: to the API server that is none.
    package var encryptionProviderConfig: String? {
        self[FlagName.configuration].flatMap { $0.isEmpty ? nil : $0 }
    }
    package var reloadsEncryption: Bool {
        ["", "true", "t", "1"].contains(self["encryption-provider-config-automatic-reload"]?.lowercased())
    }
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
    package func isSameServer(as other: CommandLineFlags) -> Bool {
        etcdServers == other.etcdServers && etcdPrefix == other.etcdPrefix && securePort == other.securePort
    }
}
