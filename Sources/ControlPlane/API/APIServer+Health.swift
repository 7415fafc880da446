internal import Reconciliation

/// One of the checks behind `/readyz`.
package struct HealthCheck: Hashable, Sendable {
    package let name: String
    package let isPassing: Bool

    package init(name: String, isPassing: Bool) {
        self.name = name
        self.isPassing = isPassing
    }
}

extension APIServer {
    /// A server has some dozens of checks.
    private static let longestHealth = 64 << 10

    /// Every check of `/readyz`, in the server's order; the server is ready where all pass.
    package func healthChecks() async throws -> [HealthCheck] {
        let request = HTTPRequest("GET", "/readyz?verbose")
        let response = try await channel.send(request)
        // A server that is not ready says 500 and lists its checks all the same.
        guard response.status == 200 || response.status == 500 else { throw APIStatus(response, to: request) }
        let checks = String(decoding: response.body.prefix(Self.longestHealth), as: UTF8.self)
            .split(separator: "\n").compactMap(HealthCheck.init(line:))
        // An answer without checks, or a bad one in which none fails, would pass for a server that is ready.
        guard response.status == 200 ? !checks.isEmpty : checks.contains(where: { !$0.isPassing })
        else { throw APIStatus(response, to: request) }
        return checks
    }
}

extension HealthCheck {
    /// `[+]etcd ok` or `[-]kms-provider-0 failed: reason withheld`.
    init?(line: Substring) {
        guard line.hasPrefix("[+]") || line.hasPrefix("[-]"), let name = line.dropFirst(3).split(separator: " ").first
        else { return nil }
        self.init(name: String(name).printable(limit: 256), isPassing: line.hasPrefix("[+]"))
    }
}
