internal import Reconciliation

/// One rewrite of one resource: all its state, and the one task that changes it.
///
/// Requests run as child tasks and come back as events. What is kept is a page or two of names, never all of them.
struct RewriteRun {
    /// Something to do, and how often it has been tried.
    struct Attempt: Sendable {
        enum Job: Sendable {
            /// Find what is to be written anew in the first part of a range of etcd's.
            case find(in: KeyRange)
            case patch(ObjectName)
        }

        let job: Job
        /// How many objects were patched when it was first tried.
        let patchedBefore: Int
        var tries = 0
    }

    enum Event: Sendable {
        case found(StalePart)
        case patched(after: Duration)
        /// `lane` is nil where there was no connection to send on.
        case failed(Attempt, any Error, lane: Int?)
        /// An attempt's wait is over.
        case due(Attempt)
    }

    let rewriter: Rewriter
    let resource: ServedResource
    let start: Duration
    var total: Int?
    var servers: APIServerRing
    var window: StreamWindow
    var result = RewriteResult()
    /// Where the search goes on; nil while it is under way, and at the end.
    var search: KeyRange?
    /// How many objects the search has passed, and how many it can have at most.
    var passed = 0
    var most: Int?
    var patches: [ObjectName] = []
    /// What is to be tried again now.
    var due: [Attempt] = []
    /// How many attempts wait before they are due.
    var waiting = 0
    /// Connections lost in a row, with nothing done in between.
    var losses = 0
    /// Objects given up after all tries, with nothing done in between.
    var exhausted = 0
    /// Servers left for their answers, with nothing done in between.
    var departures = 0
    /// True from a failure that concerns all requests until the next attempt is due.
    var isResting = false
    var underWay = 0
    /// When the next patch may be sent, where there is a limit a second.
    private var slot: Duration = .zero

    init(_ rewriter: Rewriter, _ resource: ServedResource, in range: KeyRange, total: Int?) {
        self.rewriter = rewriter
        self.resource = resource
        self.total = total
        search = range
        start = rewriter.time.now()
        servers = APIServerRing(hosts: rewriter.hosts, connect: rewriter.connect)
        window = StreamWindow(most: rewriter.pace.streams)
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
            } while !result.isCutShort
            group.cancelAll()
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
        if patches.count < rewriter.pace.page, let range = search {
            search = nil
            return Attempt(job: .find(in: range), patchedBefore: result.patched)
        }
        return patches.popLast().map { Attempt(job: .patch($0), patchedBefore: result.patched) }
    }

    private mutating func launch(_ attempt: Attempt, in group: inout ThrowingTaskGroup<Event, any Error>) async {
        underWay += 1
        let lane: APIServerRing.Lane
        do {
            lane = try await servers.current()
        } catch {
            isResting = true
            group.addTask { .failed(attempt, error, lane: nil) }
            return
        }
        let (resource, find, time) = (resource, rewriter.find, rewriter.time)
        let (sleep, wait) = (rewriter.time.sleep, waitForSlot(attempt))
        group.addTask {
            do {
                switch attempt.job {
                case .find(let range):
                    return .found(try await find(lane.host, range))
                case .patch(let object):
                    if wait > .zero { try await sleep(wait) }
                    let begin = time.now()
                    try await APIServer(lane.channel).rewrite(resource, object)
                    return .patched(after: time.now() - begin)
                }
            } catch {
                return .failed(attempt, error, lane: lane.number)
            }
        }
    }

    private mutating func waitForSlot(_ attempt: Attempt) -> Duration {
        guard let most = rewriter.pace.mostPerSecond, case .patch = attempt.job else { return .zero }
        let now = rewriter.time.now()
        let mine = max(slot, now)
        slot = mine + .seconds(1) / most
        return mine - now
    }

    private func report() -> RewriteProgress {
        let elapsed = (rewriter.time.now() - start) / .seconds(1)
        return RewriteProgress(
            resource: resource.name, done: result.done, total: total,
            rate: elapsed > 0 ? Double(result.done - result.fresh) / elapsed : 0)
    }
}

extension APIServer {
    /// Has the server write one object anew; of its answer only the status counts.
    fileprivate func rewrite(_ resource: ServedResource, _ object: ObjectName) async throws {
        let path = resource.path(namespace: object.namespace, name: object.name)
        let headers = [("Accept", Table.accept), ("Content-Type", "application/merge-patch+json")]
        _ = try await send(
            HTTPRequest("PATCH", path + "?includeObject=None", headers: headers, body: Array("{}".utf8)))
    }
}
