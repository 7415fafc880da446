internal import Reconciliation

/// Where one of a host's servers listens, as that host itself reaches it.
struct Endpoint: Hashable, Sendable {
    let address: String
    let port: Int
    let isSecure: Bool

    /// True where it means another process on each host.
    var isLoopback: Bool { address.hasPrefix("127.") || address == "::1" || address == "localhost" }

    /// The host's own API server.
    init(apiServer flags: CommandLineFlags) {
        let bound = flags.bindAddress
        let isEverywhere = ["0.0.0.0", "::", ""].contains(bound)
        address = isEverywhere ? (bound == "::" ? "::1" : "127.0.0.1") : bound
        port = flags.securePort
        isSecure = true
    }

    /// An `--etcd-servers` URL: `https://127.0.0.1:2379`; nil where it is not one.
    init?(etcdServer url: String) {
        let parts = url.split(separator: "://", maxSplits: 1)
        guard parts.count == 2, let colon = parts[1].lastIndex(of: ":"),
            let port = Int(parts[1][parts[1].index(after: colon)...].prefix { $0 != "/" })
        else { return nil }
        address = parts[1][..<colon].trimmingBrackets
        self.port = port
        isSecure = parts[0] == "https"
    }
}

extension Substring {
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : String(self)
    }
}
