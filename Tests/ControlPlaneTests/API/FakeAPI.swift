import ControlPlane
import Reconciliation
import Synchronization
import Testing

/// A stand-in for an API server that stores names and answers lists and patches; for the logic of paging and retries.
///
/// Records an issue for every request that could bring an object's data along.
final class FakeAPI: Sendable {
    struct State {
        var objects: [String: [String]] = [:]
        var patched: [String: Int] = [:]
        var listed = 0
        var patches = 0
        var underWay = 0
        var mostUnderWay = 0
        var mostAhead = 0
        /// How often each path was asked for.
        var requests: [String: Int] = [:]
        var sleeps: [Duration] = []
        var now: Duration = .zero
    }

    let state: Mutex<State>
    /// Answers in the server's place; gets the request and how many there were for the same path before.
    private let fault: @Sendable (HTTPRequest, _ earlier: Int) throws -> HTTPResponse?

    /// Objects by namespace; those under "" belong to none.
    init(
        _ objects: [String: [String]],
        fault: @escaping @Sendable (HTTPRequest, Int) throws -> HTTPResponse? = { _, _ in nil }
    ) {
        state = Mutex(State(objects: objects))
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
        return request.method == "PATCH" ? patch(request) : list(request)
    }

    private func patch(_ request: HTTPRequest) -> HTTPResponse {
        #expect(request.body == Array("{}".utf8))
        let path = String(request.path.prefix { $0 != "?" })
        state.withLock { state in
            state.patched[path, default: 0] += 1
            state.patches += 1
        }
        return HTTPResponse(status: 200)
    }

    private func list(_ request: HTTPRequest) -> HTTPResponse {
        let parts = request.path.split(separator: "?")
        let query = Dictionary(
            parts[1].split(separator: "&").map { $0.split(separator: "=") }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { first, _ in first })
        let path = parts[0].split(separator: "/").map(String.init)
        let start = query["continue"].flatMap { Int($0.split(separator: "-").last ?? "") } ?? 0
        let limit = query["limit"].flatMap(Int.init) ?? .max
        return state.withLock { state in
            let names: [String]
            if path.last == "namespaces" {
                names = state.objects.keys.sorted()
            } else {
                names = state.objects[path.count == 5 ? path[3] : ""] ?? []
                state.mostAhead = max(state.mostAhead, state.listed - state.patches)
            }
            let page = Array(names.dropFirst(start).prefix(limit))
            if path.last != "namespaces" { state.listed += page.count }
            let left = names.count - start - page.count
            return .table(page, continuation: left > 0 ? "at-\(start + page.count)" : "", remaining: left)
        }
    }

    static let table = "application/json;as=Table;g=meta.k8s.io;v=v1"
}

extension HTTPResponse {
    static func table(_ names: [String], continuation: String = "", remaining: Int = 0) -> HTTPResponse {
        let rows = names.map { #"{"cells":[1,"\#($0)",null,{}],"object":null}"# }.joined(separator: ",")
        return HTTPResponse(
            status: 200,
            body: Array(
                """
                {"kind":"Table","metadata":{"resourceVersion":"7","continue":"\(continuation)",
                "remainingItemCount":\(remaining)},"columnDefinitions":[{"name":"Count","format":""},
                {"name":"Name","format":"name"}],"rows":[\(rows)]}
                """.utf8))
    }

    static func status(
        _ code: Int, _ reason: String, _ message: String, continuation: String = "", headers: [String: String] = [:]
    ) -> HTTPResponse {
        HTTPResponse(
            status: code, headers: headers,
            body: Array(
                """
                {"kind":"Status","metadata":{"continue":"\(continuation)"},"status":"Failure","message":"\(message)",
                "reason":"\(reason)","code":\(code)}
                """.utf8))
    }
}
