import FoundationEssentials
import Reconciliation
import Synchronization
import Testing

@testable import ControlPlane

/// What answers for an API server and is broken, or lies.
@Suite(.timeLimit(.minutes(2))) struct HostileAPITests {
    private func rewriter(
        _ api: FakeAPI, find: (@Sendable (HostName, KeyRange) async throws -> StalePart)? = nil
    ) -> Rewriter {
        var pace = Rewriter.Pace()
        pace.page = 100
        return Rewriter(
            hosts: [HostName("cp1")], pace: pace, time: api.time, find: find ?? { api.part(of: $1) },
            connect: { _ in api.channel })
    }

    private func server(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) -> APIServer {
        APIServer(HTTPChannel(send: { answer($0) }, close: {}))
    }

    private func ok(_ text: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(text.utf8)) }

    @Test("objects in etcd without end => the rewrite stops and names resource and host")
    func endless() async throws {
        let parts = Mutex(0)
        let api = FakeAPI([:])
        let rewriter = rewriter(api) { _, _ in
            let number = parts.withLock { number in
                number += 1
                return number
            }
            let names = (0..<500).map { ObjectName(namespace: "a", name: "x\(number)-\($0)") }
            return StalePart(stale: names, fresh: 0, count: 500, rest: FakeAPI.range)
        }
        let failure = await #expect(throws: EndlessRange.self) {
            try await rewriter.rewrite(.secrets, in: FakeAPI.range, total: 10)
        }
        #expect(failure?.resource == .secrets)
        #expect(failure?.host == HostName("cp1"))
        #expect(parts.withLock { $0 } < 30)
    }

    @Test("names that would lead elsewhere => one segment of their path each")
    func names() async throws {
        let names = [
            "../../../../metrics", "..", ".", "a/b", "a?x=y", "a%2fb", "a\r\nX-Evil: 1", "a b", "ä", "#",
        ]
        let sent = Mutex<Set<String>>([])
        let api = FakeAPI(["a": names]) { request, _ in
            sent.withLock { _ = $0.insert(request.path) }
            return nil
        }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == names.count)
        let root = "/api/v1/namespaces/a/secrets/"
        for path in sent.withLock({ $0 }) {
            let segment = path.dropFirst(root.count).prefix { $0 != "?" }
            #expect(path.hasPrefix(root) && path.hasSuffix("?includeObject=None"), "\(path)")
            #expect(!["", ".", ".."].contains(segment) && !segment.contains("/"), "\(path)")
            #expect(segment.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "\(path)")
        }
        let odd = ServedResource(plural: "../x?", group: "a/b", version: "v1\r\n", isNamespaced: false)
        #expect(odd.path(namespace: "..", name: "..") == "/apis/a%2Fb/v1%0D%0A/namespaces/%2E%2E/..%2Fx%3F/%2E%2E")
    }

    @Test(
        "a health without any check => never one of a server that is ready",
        arguments: [(200, ""), (200, "<html>Log in</html>"), (200, "ok"), (500, ""), (500, "[+]ping ok\n")])
    func health(status: Int, body: String) async throws {
        let server = server { _ in HTTPResponse(status: status, body: Array(body.utf8)) }
        await #expect { try await server.healthChecks() } throws: {
            $0 is UnreadableAnswer || ($0 as? APIStatus)?.code == status
        }
    }

    @Test("a health with checks without end => not all of them are read")
    func endlessHealth() async throws {
        let body = String(repeating: "[-]x failed\n", count: 1_000_000)
        #expect(try await server { _ in self.ok(body) }.healthChecks().count < 10_000)
    }

    @Test(
        "JSON that is deep, cut off, or of other types => refused, with the path and nothing of the body",
        arguments: [
            String(repeating: #"{"rows":["#, count: 500_000), #"{"kind":"Table","columnDefinitions":7}"#,
            #"{"metadata":{},"rows":[{"cells":"secret"}]}"#, #"{"metadata":{},"rows":[{}]}"#, "secret", "",
            #"{"metadata":{},"rows":"#, "[]", "null", #"{"columnDefinitions":[{"name":1e400}]}"#,
        ])
    func json(body: String) async throws {
        await #expect { try await self.server { _ in self.ok(body) }.hasAny(.secrets) } throws: { error in
            "\(error)".contains("/api/v1/secrets") && !"\(error)".contains("secret\"")
        }
    }

    @Test("more groups than any cluster has => refused before each of them is asked")
    func groups() async throws {
        let requests = Mutex(0)
        let server = server { request in
            requests.withLock { $0 += 1 }
            if request.path.contains("includeObject") { return .table([]) }
            let group = #"{"name":"g","versions":[{"version":"v1"}],"preferredVersion":{"version":"v1"}}"#
            return self.ok(
                #"{"groups":[\#(Array(repeating: group, count: 10_000).joined(separator: ","))],"resources":[]}"#)
        }
        await #expect(throws: UnreadableAnswer.self) { try await server.servedResources() }
        #expect(requests.withLock { $0 } < 10)
    }

    @Test(
        "a wait that is asked for and is absurd => a minute at most, and never one below zero",
        arguments: [("1000000000", 60), ("99999999999999999999999", 0), ("-5", 0), ("NaN", 0), ("7", 7)])
    func retryAfter(header: String, seconds: Int) async throws {
        let api = FakeAPI(["a": ["s0"]]) { request, earlier in
            request.method == "PATCH" && earlier == 0
                ? .status(429, "TooManyRequests", "later", headers: ["retry-after": header]) : nil
        }
        #expect(try await rewriter(api).rewrite(.secrets, in: FakeAPI.range).patched == 1)
        #expect(api.state.withLock(\.sleeps) == [max(.seconds(seconds), .milliseconds(100))])
    }
}
