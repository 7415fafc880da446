import ControlPlane
import Reconciliation
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RewriterRetryTests {
    private func rewriter(
        _ api: FakeAPI, hosts: [String] = ["cp1"],
        connect: (@Sendable (HostName) async throws -> HTTPChannel)? = nil,
        find: (@Sendable (HostName, KeyRange) async throws -> StalePart)? = nil
    ) -> Rewriter {
        var pace = Rewriter.Pace()
        pace.streams = 16
        return Rewriter(
            hosts: hosts.map { HostName($0) }, pace: pace, time: api.time, find: find ?? { api.part(of: $1) },
            connect: connect ?? { _ in api.channel })
    }

    private func names(_ count: Int) -> [String] { (0..<count).map { "s\($0)" } }

    /// A channel whose requests take some turns each, by their numbers, and are lost where it is broken or closed meanwhile.
    private func slow(
        _ api: FakeAPI, counting sent: Counter, breaking: @escaping @Sendable (Int) -> Bool = { _ in false },
        turns: @escaping @Sendable (Int) -> Int
    ) -> HTTPChannel {
        let isClosed = Mutex(false)
        return HTTPChannel(
            send: { request in
                let number = sent.next()
                if breaking(number) { isClosed.withLock { $0 = true } }
                for _ in 0..<turns(number) { await Task.yield() }
                if isClosed.withLock(\.self) { throw HTTPFailure.dropped("closed") }
                return try await api.channel.send(request)
            }, close: { isClosed.withLock { $0 = true } })
    }

    @Test(
        "a conflict, or a server in trouble for a while => tried again with growing waits",
        arguments: [409, 500, 503, 504])
    func retried(code: Int) async throws {
        let api = FakeAPI(["a": ["s0"]]) { request, earlier in
            request.method == "PATCH" && earlier < 4 ? .status(code, "Trouble", "not now") : nil
        }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 1)
        #expect(
            api.state.withLock(\.sleeps) == [
                .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
            ])
    }

    @Test("trouble without end with one object => given up after ten tries, and named")
    func exhausted() async throws {
        let api = FakeAPI(["a": names(5)]) { request, _ in
            request.path.contains("/s2?") ? .status(500, "InternalError", "etcdserver: no space") : nil
        }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 4)
        #expect(result.failures.map(\.description) == ["secrets 'a/s2': etcdserver: no space"])
        #expect(api.state.withLock { $0.requests["/api/v1/namespaces/a/secrets/s2?includeObject=None"] } == 10)
        #expect(api.state.withLock(\.sleeps).max() == .seconds(5))
    }

    @Test("too many requests => waits as long as the server asks, and goes on")
    func tooMany() async throws {
        let api = FakeAPI(["a": names(300)]) { request, earlier in
            request.method == "PATCH" && request.path.contains("7?") && earlier == 0
                ? .status(429, "TooManyRequests", "later", headers: ["retry-after": "7"]) : nil
        }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 300)
        #expect(api.state.withLock(\.sleeps) == Array(repeating: .seconds(7), count: 30))
    }

    @Test(
        "too much to do without end, or a webhook that hangs => given up, and what is left is not tried",
        arguments: [429, 500])
    func always(code: Int) async throws {
        let api = FakeAPI(["a": names(4000)]) { _, _ in .status(code, "Trouble", "failed calling webhook") }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.isCutShort)
        #expect(result.failed == 16)
        #expect(result.failures.first?.reason == "failed calling webhook")
        #expect(api.state.withLock { $0.requests.count } <= 3 * 16)
    }

    @Test("a webhook that hangs, one answer after the other => no server is left twice, and no try is lost")
    func hanging() async throws {
        let api = FakeAPI(["a": names(400)]) { _, _ in .status(500, "InternalError", "failed calling webhook") }
        let (sent, made) = (Counter(), Counter())
        let result = try await rewriter(api, hosts: ["cp1", "cp2", "cp3"]) { _ in
            _ = made.next()
            return slow(api, counting: sent) { 20 * ($0 % 16 + 1) }
        }.rewrite(.secrets, in: FakeAPI.range)
        #expect(result.isCutShort)
        #expect(made.count == 3)
        #expect(sent.count <= 16 * 10 * 2)
    }

    @Test("a server whose every answer is an error => the next host's is used, and all is rewritten")
    func badServer() async throws {
        let api = FakeAPI(["a": names(400)])
        let result = try await rewriter(api, hosts: ["cp1", "cp2"]) { host in
            guard host.text == "cp1" else { return api.channel }
            return HTTPChannel(send: { _ in .status(500, "InternalError", "etcdserver: request timed out") }, close: {})
        }.rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 400 && result.failed == 0)
    }

    @Test(
        "trouble without end with many objects, others that are well among them => all are tried, those that fail named"
    )
    func someAlways() async throws {
        let api = FakeAPI(["a": names(400)]) { request, _ in
            request.path.contains("7?") ? .status(500, "InternalError", "failed calling webhook") : nil
        }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(!result.isCutShort)
        #expect(result.patched == 360 && result.failed == 40)
    }

    @Test("a connection that breaks => the same objects through another host, and the broken one is closed")
    func dropped() async throws {
        let api = FakeAPI(["a": names(200)])
        let sent = Counter()
        let closed = Mutex<[String]>([])
        let result = try await rewriter(api, hosts: ["cp1", "cp2"]) { host in
            HTTPChannel(
                send: { request in
                    let count = sent.next()
                    if host.text == "cp1" && count > 50 { throw HTTPFailure.dropped("gone") }
                    return try await api.channel.send(request)
                },
                close: { closed.withLock { $0.append(host.text) } })
        }.rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 200)
        #expect(result.failed == 0)
        #expect(api.state.withLock { $0.patched.count } == 200)
        #expect(closed.withLock { $0 } == ["cp1", "cp2"])
    }

    @Test("a connection that breaks again and again with many requests on it => all objects are rewritten")
    func breakingAgainAndAgain() async throws {
        let api = FakeAPI(["a": names(400)])
        let (sent, made) = (Counter(), Counter())
        let result = try await rewriter(api, hosts: ["cp1", "cp2"]) { _ in
            _ = made.next()
            // All that are under way go with the one that breaks it.
            return slow(api, counting: sent, breaking: { $0.isMultiple(of: 20) }) { _ in 20 }
        }.rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 400 && result.failed == 0)
        #expect(made.count > 20)
    }

    @Test("a host that cannot be reached => the next one, after one short wait")
    func unreachable() async throws {
        let api = FakeAPI(["a": names(200)])
        let result = try await rewriter(api, hosts: ["cp1", "cp2"]) { host in
            if host.text == "cp1" { throw HTTPFailure.notConnected("refused") }
            return api.channel
        }.rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 200)
        #expect(api.state.withLock(\.sleeps) == [.milliseconds(100)])
    }

    @Test("an etcd member that does not answer => another one is asked")
    func memberDown() async throws {
        let api = FakeAPI(["a": names(200)])
        let result = try await rewriter(
            api, hosts: ["cp1", "cp2"],
            find: { host, range in
                if host.text == "cp1" { throw EtcdFailure.timedOut(member: "cp1", reason: "no leader") }
                return api.part(of: range)
            }
        ).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 200)
    }

    @Test("no host can be reached => stops after a bounded time and says why", arguments: [true, false])
    func allDown(inConnect: Bool) async throws {
        let api = FakeAPI(["a": names(200)])
        let connects = Mutex(0)
        let rewriter = rewriter(
            api, hosts: ["cp1", "cp2", "cp3"],
            connect: { _ in
                connects.withLock { $0 += 1 }
                if inConnect { throw HTTPFailure.notConnected("refused") }
                return HTTPChannel(send: { _ in throw HTTPFailure.notConnected("refused") }, close: {})
            },
            // All in one part: one that is found between two losses starts their count anew.
            find: { api.part(of: $1, page: 200) })
        await #expect { try await rewriter.rewrite(.secrets, in: FakeAPI.range) } throws: { error in
            (error as? RewriteStopped)?.reason == "no connection: refused"
        }
        #expect(connects.withLock { $0 } == 10)
        #expect(api.state.withLock { $0.sleeps.reduce(.zero, +) } > .seconds(15))
    }
}
