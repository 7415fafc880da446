import ControlPlane
import FoundationEssentials
import Reconciliation
import Testing

extension ModernTests {
    /// Configurations that the API server of today refuses, or starts with; none that it refuses may pass atrest.
    static let configurations: [String] = {
        let local = ["aescbc", "aesgcm", "secretbox"]
        func secret(_ bytes: Int) -> String { Data(repeating: 7, count: bytes).base64EncodedString() }
        func key(_ fields: String, _ provider: String = "aescbc") -> String {
            entry("secrets", "\(provider): {keys: [{\(fields)}]}")
        }
        func kms(_ fields: String, _ resources: String = "secrets") -> String { entry(resources, "kms: {\(fields)}") }
        let socket = "endpoint: 'unix:///run/none/s.sock'"
        let names = [
            "secrets", "Secrets", "'*'", "'*.'", "'*.*'", "'*.apps'", "secrets.*", "'secrets.'", "pods/status",
            "events.events.k8s.io", "ingresses.extensions", "widgets.example.com", "a..b", "''",
        ]
        let lists = [
            "secrets, secrets", "'*.', secrets", "pods, '*.*'", "'*.apps', '*.'", "'*.apps', '*.*'",
            "'*.apps', deployments.apps", "",
        ]
        let orders = [
            ["secrets", "'*.*'"], ["'*.*'", "secrets"], ["'*.'", "secrets"], ["'*.apps'", "deployments.apps"],
            ["'*.*'", "'*.*'"], ["'*.*'", "'*.apps'"], ["secrets", "secrets"],
        ]
        return local.flatMap { provider in
            [0, 15, 16, 24, 31, 32, 33].map { key("name: a, secret: '\(secret($0))'", provider) }
                + ["\(provider): {}", "\(provider): {keys: []}"].map { entry("secrets", $0) }
        }
            + [
                key("name: a, secret: '!!'"), key("name: a"), key("secret: '\(secret(32))'"),
                key("name: 'a:b', secret: '\(secret(32))'"), key("name: a, secret: '\(secret(32))', x: 1"),
                entry("secrets", "identity: {}, " + key("name: a, secret: '\(secret(32))'")), entry("secrets"),
                entry("secrets", "unknown: {}"), entry("secrets", "{}"), entry("secrets", "identity: {x: 1}"),
                "- {providers: [{identity: {}}]}", "[]", "- {resources: [secrets]}",
                kms("name: k, apiVersion: v2, \(socket)"), kms("name: k, \(socket)"), kms("apiVersion: v2, \(socket)"),
                kms("name: k, apiVersion: v3, \(socket)"), kms("name: k, apiVersion: v2"),
                kms("name: 'k:l', apiVersion: v2, \(socket)"), kms("name: k, apiVersion: v2, cachesize: 10, \(socket)"),
                kms("name: k, apiVersion: v2, timeout: 0s, \(socket)"),
                kms("name: k, apiVersion: v2, timeout: -1s, \(socket)"),
                kms("name: k, apiVersion: v2, endpoint: 'tcp://127.0.0.1:1'"),
                kms("name: k, apiVersion: v2, endpoint: '/run/none/s.sock'"),
                kms("name: k, apiVersion: v2, \(socket)") + "\n" + kms("name: k, apiVersion: v2, \(socket)", "pods"),
            ]
            + (names + lists).map { entry($0, "identity: {}") }
            + orders.map { $0.map { entry($0, "identity: {}") }.joined(separator: "\n") }
    }()

    @Test("configurations that an API server of today refuses => atrest refuses them for its version")
    func validation() async throws {
        var verdicts: [Substring] = []
        try await withDirectory { directory in
            let paths = try Self.configurations.enumerated().map { index, entries in
                let path = "\(directory)/\(index).yaml"
                try Data(ModernServer.text(entries).utf8).write(to: URL(filePath: path))
                return path
            }
            verdicts = try await command(Sandbox.script, ["modern", "check"] + paths).checked("modern check")
                .split(separator: "\n")
        }
        try #require(verdicts.count == Self.configurations.count)
        let support = EncryptionSupport(version: KubernetesVersion(1, 36))
        var refused = 0
        for (entries, verdict) in zip(Self.configurations, verdicts) where verdict != "ok" {
            refused += 1
            #expect(throws: (any Error).self, "the API server: \(verdict)\n\(entries)") {
                try EncryptionConfigurationFile(wish: ModernServer.text(entries), label: "f")
                    .check(for: support, label: "f")
            }
        }
        // The table must bite, and a server that refuses all would show nothing.
        #expect(refused > 30)
        #expect(verdicts.count - refused > 10)
    }
}
