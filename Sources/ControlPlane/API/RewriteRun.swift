internal import Reconciliation

/// One rewrite of one resource: all its state, and the one task that changes it.
///
/// Requests run as child tasks and come back as events. What is kept is a page or two of names, never all of them.
struct RewriteRun {
    /// Something to ask an API server.
    enum Job: Sendable {
        /// A page of the cluster's namespaces.
        case namespaces(continuation: String?)
        /// A page of names, of one namespace or of a resource that belongs to none.
        case names(namespace: String?, continuation: String?)
        case patch(namespace: String?, name: String)
    }

    enum Event: Sendable {
        case page(Attempt, Table)
        case patched(after: Duration)
        /// `lane` is nil where there was no connection to send on.
        case failed(Attempt, any Error, lane: Int?)
        /// A job's wait is over.
        case due(Attempt)
    }

    let rewriter: Rewriter
    let resource: ServedResource
    let start: Duration
    var total: Int?
    var servers: APIServerRing
    var window: StreamWindow
    var result = RewriteResult()
    /// Lists to read, the one that was begun last first; ever only one page of namespaces.
    var lists: [Attempt] = []
    var listsUnderWay = 0
    var patches: [Attempt] = []
    /// What is to be tried again now.
    var due: [Attempt] = []
    /// How many attempts wait before they are due.
    var waiting = 0
    /// Connections lost in a row, with nothing done in between.
    var losses = 0
    /// True from a failure that concerns all requests until the next attempt is due.
    var isResting = false
    var namespaces: [String] = []
    /// The page of namespaces that comes next.
    var furtherNamespaces: Attempt?
    var underWay = 0

    init(_ rewriter: Rewriter, _ resource: ServedResource, total: Int?) {
        self.rewriter = rewriter
        self.resource = resource
        self.total = total
        start = rewriter.time.now()
        servers = APIServerRing(hosts: rewriter.hosts, connect: rewriter.connect)
        window = StreamWindow(most: rewriter.pace.streams)
        lists = [
            Attempt(
                job: resource.isNamespaced
                    ? .namespaces(continuation: nil) : .names(namespace: nil, continuation: nil))
        ]
    }

    mutating func run(_ progress: (RewriteProgress) -> Void) async throws -> RewriteResult {
        try await withThrowingTaskGroup(of: Event.self) { group in
            repeat {
                try Task.checkCancellation()
                while underWay < window.limit, let attempt = nextAttempt() {
                    await launch(attempt, in: &group)
                }
                guard let event = try await group.next() else { break }
                let done = result.done
                try await take(event, in: &group)
                if result.done > done { progress(report()) }
            } while true
            return result
        }
    }

    /// What was tried before comes first; names are read ahead while there are few; then objects are patched.
    ///
    /// Where much waits to be tried again nothing new is begun.
    private mutating func nextAttempt() -> Attempt? {
        guard !isResting else { return nil }
        if let attempt = due.popLast() { return attempt }
        guard waiting < rewriter.pace.streams else { return nil }
        if patches.count < rewriter.pace.page, listsUnderWay < 4, let list = lists.popLast() ?? nextNamespace() {
            return list
        }
        return patches.popLast()
    }

    private mutating func nextNamespace() -> Attempt? {
        if let namespace = namespaces.popLast() {
            return Attempt(job: .names(namespace: namespace, continuation: nil))
        }
        defer { furtherNamespaces = nil }
        return furtherNamespaces
    }

    private mutating func launch(_ attempt: Attempt, in group: inout ThrowingTaskGroup<Event, any Error>) async {
        underWay += 1
        if attempt.isList { listsUnderWay += 1 }
        let lane: APIServerRing.Lane
        do {
            lane = try await servers.current()
        } catch {
            isResting = true
            group.addTask { .failed(attempt, error, lane: nil) }
            return
        }
        let (resource, page, time) = (resource, rewriter.pace.page, rewriter.time)
        group.addTask {
            do {
                let begin = time.now()
                let answer = try await APIServer(lane.channel).perform(attempt.job, resource, page: page)
                return answer.map { .page(attempt, $0) } ?? .patched(after: time.now() - begin)
            } catch {
                return .failed(attempt, error, lane: lane.number)
            }
        }
    }

    private func report() -> RewriteProgress {
        let elapsed = (rewriter.time.now() - start) / .seconds(1)
        return RewriteProgress(
            resource: resource.name, done: result.done, total: total,
            rate: elapsed > 0 ? Double(result.done) / elapsed : 0)
    }
}

extension APIServer {
    /// The names of a page; nil for a patch, of whose answer only the status counts.
    fileprivate func perform(_ job: RewriteRun.Job, _ resource: ServedResource, page: Int) async throws -> Table? {
        switch job {
        case .namespaces(let continuation):
            try await names(ServedResource.namespaces.path(namespace: nil), page, continuation)
        case .names(let namespace, let continuation):
            try await names(resource.path(namespace: namespace), page, continuation)
        case .patch(let namespace, let name):
            try await rewrite(resource.path(namespace: namespace, name: name))
        }
    }

    private func names(_ path: String, _ limit: Int, _ continuation: String?) async throws -> Table {
        let request = Table.request(path, limit: limit, continuation: continuation)
        return try Self.decode(await send(request), from: path)
    }

    private func rewrite(_ path: String) async throws -> Table? {
        let headers = [("Accept", Table.accept), ("Content-Type", "application/merge-patch+json")]
        _ = try await send(
            HTTPRequest("PATCH", path + "?includeObject=None", headers: headers, body: Array("{}".utf8)))
        return nil
    }
}
