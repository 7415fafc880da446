import ControlPlane
import Reconciliation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct RewriterTests {
    private func rewriter(_ api: FakeAPI, streams: Int = 20, page: Int = 100) -> Rewriter {
        var pace = Rewriter.Pace()
        pace.streams = streams
        pace.page = page
        return Rewriter(
            hosts: [HostName("cp1")], pace: pace, time: api.time, find: { api.part(of: $1, page: page) },
            connect: { _ in api.channel })
    }

    private func names(_ count: Int) -> [String] { (0..<count).map { "s\($0)" } }

    @Test("objects in several namespaces => each is patched once, and no request asks for an object")
    func whole() async throws {
        let api = FakeAPI(["a": names(1234), "b": [], "c": names(100), "d": names(1)])
        let seen = Mutex<[RewriteProgress]>([])
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range, total: 1335) { step in
            seen.withLock { $0.append(step) }
        }
        #expect(result.patched == 1335)
        #expect(result.failed == 0)
        let state = api.state.withLock { $0 }
        #expect(state.patched.count == 1335)
        #expect(state.patched.values.allSatisfy { $0 == 1 })
        #expect(state.patched["/api/v1/namespaces/a/secrets/s1233"] == 1)
        #expect(state.mostUnderWay <= 20)
        #expect(state.mostUnderWay > 10)
        let steps = seen.withLock { $0 }
        #expect(steps.map(\.done) == Array(1...1335))
        #expect(steps.last?.total == 1335)
    }

    @Test("a resource that belongs to no namespace => patched, and the total comes from etcd")
    func clusterScoped() async throws {
        let api = FakeAPI(["": names(250)])
        let classes = ServedResource(
            plural: "storageclasses", group: "storage.k8s.io", version: "v1", isNamespaced: false)
        let totals = Mutex<Set<Int?>>([])
        let result = try await rewriter(api).rewrite(classes, in: FakeAPI.range) { step in
            totals.withLock { _ = $0.insert(step.total) }
        }
        #expect(result.patched == 250)
        #expect(api.state.withLock { $0.patched["/apis/storage.k8s.io/v1/storageclasses/s0"] } == 1)
        #expect(totals.withLock { $0 } == [250])
    }

    @Test("many more objects than a page => names are read only a little ahead of the patches")
    func memory() async throws {
        let api = FakeAPI(["a": names(5000), "b": names(5000)])
        _ = try await rewriter(api, streams: 10, page: 50).rewrite(.secrets, in: FakeAPI.range)
        #expect(api.state.withLock(\.patches) == 10_000)
        #expect(api.state.withLock(\.mostAhead) <= 5 * 50)
    }

    @Test("patches that all fail for a while => names are not read ahead of them either")
    func memoryUnderFailure() async throws {
        let api = FakeAPI(["a": names(600)]) { request, earlier in
            request.method == "PATCH" && earlier < 8 ? .status(503, "ServiceUnavailable", "not now") : nil
        }
        let result = try await rewriter(api, streams: 10, page: 50).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 600)
        #expect(api.state.withLock(\.mostAhead) <= 5 * 50)
    }

    @Test("a name that needs it => percent-encoded")
    func encoding() async throws {
        let api = FakeAPI(["": ["system:a%b", ".."]])
        let roles = ServedResource(
            plural: "clusterroles", group: "rbac.authorization.k8s.io", version: "v1", isNamespaced: false)
        _ = try await rewriter(api).rewrite(roles, in: FakeAPI.range)
        let root = "/apis/rbac.authorization.k8s.io/v1/clusterroles/"
        #expect(api.state.withLock { $0.patched } == [root + "system%3Aa%25b": 1, root + "%2E%2E": 1])
    }

    @Test("objects that are as wanted => not asked for, and counted as done")
    func fresh() async throws {
        let api = FakeAPI(["a": names(1000)], fresh: Set(names(1000).filter { !$0.hasSuffix("7") }))
        let last = Mutex<RewriteProgress?>(nil)
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range, total: 1000) { step in
            last.withLock { $0 = step }
        }
        #expect(result.patched == 100 && result.fresh == 900)
        #expect(api.state.withLock { Set($0.patched.keys) }.allSatisfy { $0.hasSuffix("7") })
        #expect(last.withLock { $0?.done } == 1000)
    }

    @Test("an object that was deleted since it was found => counted as gone")
    func gone() async throws {
        let api = FakeAPI(["a": names(10)]) { request, _ in
            request.path.contains("/s3?") ? .status(404, "NotFound", "not found", name: "s3") : nil
        }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 9)
        #expect(result.gone == 1)
        #expect(result.failed == 0)
    }

    @Test(
        "an object that is refused for good => named, tried once, and the others are patched",
        arguments: [
            (422, "Invalid", "Secret is invalid: data is too long"),
            (403, "Forbidden", "admission webhook denied the request: no"),
            (500, "InternalError", "Internal error occurred: unable to transform key: no matching prefix found"),
        ])
    func refused(code: Int, reason: String, message: String) async throws {
        let api = FakeAPI(["a": names(10)]) { request, _ in
            request.path.contains("/s3?") ? .status(code, reason, message) : nil
        }
        let result = try await rewriter(api).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 9)
        #expect(result.failed == 1)
        #expect(result.failures.map(\.description) == ["secrets 'a/s3': \(message)"])
        #expect(api.state.withLock { $0.requests["/api/v1/namespaces/a/secrets/s3?includeObject=None"] } == 1)
    }

    @Test("a resource that the API does not serve => thrown")
    func notServed() async throws {
        let api = FakeAPI(["a": names(10)]) { _, _ in
            .status(404, "NotFound", "the server could not find the requested resource")
        }
        await #expect { try await self.rewriter(api).rewrite(.secrets, in: FakeAPI.range) } throws: {
            ($0 as? APIStatus)?.isMissing == true
        }
    }

    @Test("the right is missing => thrown, so that another identity can be used")
    func forbidden() async throws {
        let api = FakeAPI(["a": names(10)]) { request, _ in
            .status(403, "Forbidden", "secrets \\\"s0\\\" is forbidden: User \\\"low\\\" cannot patch resource")
        }
        await #expect { try await self.rewriter(api).rewrite(.secrets, in: FakeAPI.range) } throws: {
            ($0 as? APIStatus)?.isForbidden == true
        }
    }

    @Test("a limit a second => no more patches than that, retries counted")
    func limited() async throws {
        let api = FakeAPI(["a": names(200)]) { request, earlier in
            request.path.contains("7?") && earlier == 0 ? .status(409, "Conflict", "changed") : nil
        }
        var pace = Rewriter.Pace()
        pace.mostPerSecond = 50
        let result = try await Rewriter(
            hosts: [HostName("cp1")], pace: pace, time: api.time, find: { api.part(of: $1) },
            connect: { _ in api.channel }
        ).rewrite(.secrets, in: FakeAPI.range)
        #expect(result.patched == 200)
        #expect(api.state.withLock(\.now) >= .seconds(4))
    }

    @Test("cancelled => ends with the cancellation")
    func cancelled() async throws {
        let api = FakeAPI(["a": names(1000)])
        let rewriter = rewriter(api)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await rewriter.rewrite(.secrets, in: FakeAPI.range) { step in
                        if step.done == 100 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
                    }
                }
            }
        }
        #expect(api.state.withLock(\.patches) < 1000)
    }
}
