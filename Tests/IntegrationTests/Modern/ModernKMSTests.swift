import ControlPlane
import FoundationEssentials
import Reconciliation
import Testing

extension ModernTests {
    private static let secrets = StoragePrefix().range(of: .secrets)

    /// The revision that last wrote each Secret.
    private func revisions(on modern: ModernServer) async throws -> [String: String] {
        struct Answer: Decodable {
            struct Object: Decodable {
                let key: String
                let revision: String

                private enum CodingKeys: String, CodingKey {
                    case key
                    case revision = "mod_revision"
                }
            }
            let kvs: [Object]
        }
        func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
        let body =
            #"{"key":"\#(base64(Self.secrets.start))","range_end":"\#(base64(Self.secrets.end))","keys_only":true}"#
        let response = try await modern.etcd.send(HTTPRequest("POST", "/v3/kv/range", body: Array(body.utf8)))
        let answer = try JSONDecoder().decode(Answer.self, from: Data(response.body))
        return Dictionary(uniqueKeysWithValues: answer.kvs.map { ($0.key, $0.revision) })
    }

    @Test("KMS v2 whose plugin goes over to another key => etcd shows no difference, and a rewrite moves every object")
    func keyID() async throws {
        try await withKMSPlugin { plugin in
            let configuration = Self.entry(
                "secrets", "kms: {apiVersion: v2, name: vault, endpoint: 'unix://\(plugin)/socket.sock'}",
                "identity: {}")
            try await withModernServer(configuration: configuration) { modern in
                try await modern.post("/api/v1/namespaces", #"{"metadata":{"name":"demo"}}"#)
                for name in ["a", "b", "c"] {
                    try await modern.post("/api/v1/namespaces/demo/secrets", #"{"metadata":{"name":"\#(name)"}}"#)
                }
                let form = Self.form("vault", "kms:v2")
                let etcd = try await modern.classifier()
                let before = try await etcd.classify(Self.secrets, knownForms: [])
                #expect(before.counts == [form: 3])
                let written = try await self.revisions(on: modern)
                #expect(try await modern.rewrite(.secrets).patched == 3)
                #expect(try await self.revisions(on: modern) == written)

                try Data("2".utf8).write(to: URL(filePath: plugin + "/key_id"), options: .atomic)
                try await Sandbox.waitUntil("every Secret written anew") {
                    // A look at its health makes the server ask the plugin earlier than by itself.
                    _ = try await modern.server.healthChecks()
                    let result = try await modern.rewrite(.secrets)
                    #expect(result.failures == [])
                    let now = try await self.revisions(on: modern)
                    return now.allSatisfy { written[$0.key] != $0.value }
                }
                let rewritten = try await self.revisions(on: modern)
                #expect(rewritten.count == 3)
                let after = try await etcd.classify(Self.secrets, knownForms: [])
                #expect(after.counts == [form: 3])
                #expect(try await modern.rewrite(.secrets).patched == 3)
                #expect(try await self.revisions(on: modern) == rewritten)
            }
        }
    }
}
