internal import Reconciliation

extension RewriteRun {
    mutating func take(_ event: Event, in group: inout ThrowingTaskGroup<Event, any Error>) async throws {
        switch event {
        case .due(let attempt):
            waiting -= 1
            isResting = false
            due.append(attempt)
        case .patched(let latency):
            underWay -= 1
            losses = 0
            window.answered(after: latency)
            result.patched += 1
        case .page(let attempt, let table):
            underWay -= 1
            losses = 0
            listsUnderWay -= 1
            try take(table, of: attempt)
        case .failed(let attempt, let error, let lane):
            underWay -= 1
            if attempt.isList { listsUnderWay -= 1 }
            try await take(error, of: attempt, lane, in: &group)
        }
    }

    private mutating func take(_ table: Table, of attempt: Attempt) throws {
        let names = table.names
        // Others may make objects meanwhile.
        let next = try attempt.next(of: table, atMost: total.map { 2 * $0 + 10_000 }) {
            EndlessList(resource: resource.name, namespace: attempt.job.namespace, host: servers.host)
        }
        switch attempt.job {
        case .namespaces:
            namespaces += names
            furtherNamespaces = next
        case .names(let namespace, _):
            result.listed += names.count
            patches += names.map { Attempt(job: .patch(namespace: namespace, name: $0)) }
            if namespace == nil, total == nil { total = names.count + table.remaining }
            if let next { lists.append(next) }
        case .patch:
            break
        }
    }

    private mutating func take(
        _ error: any Error, of attempt: Attempt, _ lane: Int?, in group: inout ThrowingTaskGroup<Event, any Error>
    ) async throws {
        if error is CancellationError { throw error }
        guard let status = error as? APIStatus else {
            if let lane, await !servers.leave(lane) {
                // It went with the connection that another request was the first to lose: that was no try of its own.
                due.append(attempt)
                return
            }
            losses += 1
            isResting = true
            guard losses < rewriter.pace.attempts, retry(attempt, because: error, doublings: losses - 1, in: &group)
            else {
                throw RewriteStopped(resource: resource.name, host: servers.host, reason: "\(error)")
            }
            return
        }
        switch Remedy(status, for: attempt.job) {
        case .done:
            result.gone += attempt.isList ? 0 : 1
        case .goOn(let job):
            guard attempt.setbacks < Attempt.mostSetbacks else { return giveUp(attempt, status) }
            lists.append(attempt.setBack(to: job))
        case .giveUp:
            giveUp(attempt, status)
        case .stop:
            throw status
        case .slowDown:
            window.refused()
            isResting = retry(attempt, because: status, in: &group)
            if !isResting { giveUp(attempt, status) }
        case .retry:
            // One object's trouble is no reason to leave a server, but a server's own may be.
            if attempt.tries == 3, let lane { await servers.leave(lane) }
            if !retry(attempt, because: status, in: &group) { giveUp(attempt, status) }
        }
    }

    /// Tries a job again after a wait that doubles from try to try, or as often as is said, or that the server asked for; false after
    /// the last try.
    private mutating func retry(
        _ attempt: Attempt, because error: any Error, doublings: Int? = nil,
        in group: inout ThrowingTaskGroup<Event, any Error>
    ) -> Bool {
        guard attempt.tries + 1 < rewriter.pace.attempts else { return false }
        var next = attempt
        next.tries += 1
        let doubled = rewriter.pace.backoff * (1 << min(doublings ?? attempt.tries, 20))
        let asked = (error as? APIStatus)?.retryAfter ?? .zero
        let wait = max(asked, min(doubled, rewriter.pace.longestBackoff))
        let sleep = rewriter.time.sleep
        waiting += 1
        group.addTask {
            try await sleep(wait)
            return .due(next)
        }
        return true
    }

    private mutating func giveUp(_ attempt: Attempt, _ status: APIStatus) {
        let reason = status.message.isEmpty ? "\(status.code) \(status.reason)" : status.message
        let name: String? = if case .patch(_, let name) = attempt.job { name } else { nil }
        result.add(
            RewriteFailure(resource: resource.name, namespace: attempt.job.namespace, name: name, reason: reason))
    }
}
