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
            window.answered(after: latency)
            result.patched += 1
        case .page(let job, let table):
            underWay -= 1
            listsUnderWay -= 1
            take(table, of: job)
        case .failed(let attempt, let error, let lane):
            underWay -= 1
            if attempt.isList { listsUnderWay -= 1 }
            try await take(error, of: attempt, lane, in: &group)
        }
    }

    private mutating func take(_ table: Table, of job: Job) {
        switch job {
        case .namespaces:
            namespaces += table.names
            namespacesContinuation = table.continuation
        case .names(let namespace, _):
            let names = table.names
            result.listed += names.count
            patches += names.map { Attempt(job: .patch(namespace: namespace, name: $0)) }
            if namespace == nil, total == nil { total = names.count + (table.metadata.remainingItemCount ?? 0) }
            if let continuation = table.continuation {
                lists.append(Attempt(job: .names(namespace: namespace, continuation: continuation)))
            }
        case .patch:
            break
        }
    }

    private mutating func take(
        _ error: any Error, of attempt: Attempt, _ lane: Int?, in group: inout ThrowingTaskGroup<Event, any Error>
    ) async throws {
        if error is CancellationError { throw error }
        guard let status = error as? APIStatus else {
            await servers.leave(lane)
            guard retry(attempt, because: error, in: &group) else {
                throw RewriteStopped(resource: resource.name, host: servers.host, reason: "\(error)")
            }
            return
        }
        switch Remedy(status, for: attempt.job) {
        case .done:
            result.gone += attempt.isList ? 0 : 1
        case .goOn(let job):
            lists.append(Attempt(job: job))
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
            if attempt.tries == 3 { await servers.leave(lane) }
            if !retry(attempt, because: status, in: &group) { giveUp(attempt, status) }
        }
    }

    /// Tries a job again after a wait that doubles from try to try, or that the server asked for; false after the last try.
    private mutating func retry(
        _ attempt: Attempt, because error: any Error, in group: inout ThrowingTaskGroup<Event, any Error>
    ) -> Bool {
        guard attempt.tries + 1 < rewriter.pace.attempts else { return false }
        let next = Attempt(job: attempt.job, tries: attempt.tries + 1)
        let doubled = rewriter.pace.backoff * (1 << min(attempt.tries, 20))
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
        let (namespace, name): (String?, String?) =
            switch attempt.job {
            case .namespaces: (nil, nil)
            case .names(let namespace, _): (namespace, nil)
            case .patch(let namespace, let name): (namespace, name)
            }
        result.add(RewriteFailure(resource: resource.name, namespace: namespace, name: name, reason: reason))
    }
}

extension RewriteRun.Attempt {
    var isList: Bool {
        if case .patch = job { false } else { true }
    }
}
