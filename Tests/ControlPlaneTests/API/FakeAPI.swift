import ControlPlane
import Reconciliation
import Synchronization
import Testing

/// A stand-in for an API server that answers patches, and for an etcd that names its objects; for the logic of retries.
///
/// Records an issue for every request that could bring an object's data along.
final class FakeAPI: Sendable {
    struct State {
        var patched: [String: Int] = [:]
        var found = 0
        var patches = 0
        var underWay = 0
        var mostUnderWay = 0
        var mostAhead = 0
        /// How often each path was asked for.
        var requests: [String: Int] = [:]
        var sleeps: [Duration] = []
        var now: Duration = .zero
    }

    let state = Mutex(State())
    private let keys: [(bytes: [UInt8], object: ObjectName)]
    /// The names of objects that are as wanted.
    private let fresh: Set<String>
    /// Answers in the server's place; gets the request and how many there were for the same path before.
    private let fault: @Sendable (HTTPRequest, _ earlier: Int) throws -> HTTPResponse?

    /// Objects by namespace; those under "" belong to none.
    init(
        _ objects: [String: [String]], fresh: Set<String> = [],
        fault: @escaping @Sendable (HTTPRequest, Int) throws -> HTTPResponse? = { _, _ in nil }
    ) {
        keys = objects.flatMap { namespace, names in
            names.map { name in
                (
                    Array("\(namespace)/\(name)".utf8),
                    ObjectName(namespace: namespace.isEmpty ? nil : namespace, name: name)
                )
            }
        }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        self.fresh = fresh
        self.fault = fault
    }

    /// A clock that never waits: who sleeps finds the time gone by.
    var time: Rewriter.Time {
        Rewriter.Time(
            now: { self.state.withLock(\.now) },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.sleeps.append(duration)
                    state.now += duration
                }
                await Task.yield()
            })
    }

    var channel: HTTPChannel {
        HTTPChannel(send: { try await self.answer($0) }, close: {})
    }

    private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        #expect(request.headers.contains { $0.name == "Accept" && $0.value == FakeAPI.table })
        #expect(request.path.contains("includeObject=None"))
        let earlier = state.withLock { state in
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            defer { state.requests[request.path, default: 0] += 1 }
            return state.requests[request.path, default: 0]
        }
        defer { state.withLock { $0.underWay -= 1 } }
        await Task.yield()
        if let answer = try fault(request, earlier) { return answer }
        return patch(request)
    }

    private func patch(_ request: HTTPRequest) -> HTTPResponse {
        #expect(request.method == "PATCH")
        #expect(request.body == Array("{}".utf8))
        let path = String(request.path.prefix { $0 != "?" })
        state.withLock { state in
            state.patched[path, default: 0] += 1
            state.patches += 1
        }
        return HTTPResponse(status: 200)
    }

    /// What etcd would name of the first part of a range.
    func part(of range: KeyRange, page: Int = 100) -> StalePart {
        state.withLock { state in
            state.mostAhead = max(state.mostAhead, state.found - state.patches)
            let left = keys.drop { $0.bytes.lexicographicallyPrecedes(range.start) }
            let part = left.prefix(page)
            let stale = part.map(\.object).filter { !fresh.contains($0.name) }
            state.found += stale.count
            let rest = part.last.flatMap { last in
                left.count > part.count ? KeyRange(from: last.bytes + [0], to: range.end) : nil
            }
            return StalePart(stale: stale, fresh: part.count - stale.count, count: left.count, rest: rest)
        }
    }

    /// Where etcd has them all.
    static let range = KeyRange(from: [], to: [0xFF])
    static let table = "application/json;as=Table;g=meta.k8s.io;v=v1"
}

extension HTTPResponse {
    static func table(_ names: [String]) -> HTTPResponse {
        let rows = names.map { #"{"cells":[1,"\#($0)",null,{}],"object":null}"# }.joined(separator: ",")
        return HTTPResponse(
            status: 200,
            body: Array(
                """
                {"kind":"Table","metadata":{"resourceVersion":"7"},"columnDefinitions":[{"name":"Count","format":""},
                {"name":"Name","format":"name"}],"rows":[\(rows)]}
                """.utf8))
    }

    static func status(
        _ code: Int, _ reason: String, _ message: String, name: String = "", headers: [String: String] = [:]
    ) -> HTTPResponse {
        HTTPResponse(
            status: code, headers: headers,
            body: Array(
                """
                {"kind":"Status","metadata":{},"status":"Failure","message":"\(message)",
                "reason":"\(reason)","details":{"name":"\(name)"},"code":\(code)}
                """.utf8))
    }
}
