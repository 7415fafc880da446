package import Reconciliation

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
            exhausted = 0
            departures = 0
            window.answered(after: latency)
            result.patched += 1
        case .found(let part):
            underWay -= 1
            losses = 0
            try take(part)
        case .failed(let attempt, let error, let lane):
            underWay -= 1
            try await take(error, of: attempt, lane, in: &group)
        }
    }

    private mutating func take(_ part: StalePart) throws {
        // Others may make objects meanwhile, but what goes on far behind what there was has no end.
        let most = most ?? 2 * part.count + 10_000
        self.most = most
        passed += part.fresh + part.stale.count
        guard passed <= most else { throw EndlessRange(resource: resource.name, host: servers.host) }
        if total == nil { total = part.count }
        result.fresh += part.fresh
        patches += part.stale
        search = part.rest
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
        switch Remedy(status) {
        case .done:
            result.gone += 1
        case .giveUp:
            giveUp(attempt, status)
        case .stop:
            throw status
        case .slowDown:
            window.refused()
            isResting = retry(attempt, because: status, in: &group)
            if !isResting { giveUpAfterAllTries(attempt, status) }
        case .retry:
            if attempt.tries >= 3, attempt.patchedBefore == result.patched, let lane { await leaveForItsAnswers(lane) }
            if !retry(attempt, because: status, in: &group) { giveUpAfterAllTries(attempt, status) }
        }
    }

    /// Gives up a server that has written nothing through several tries of an object, for the next: the trouble may be its own.
    ///
    /// What is under way there is cut off, so where all servers are alike it is done once for each.
    private mutating func leaveForItsAnswers(_ lane: Int) async {
        guard departures + 1 < rewriter.hosts.count, await servers.leave(lane) else { return }
        departures += 1
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

    /// What befalls as many objects in a row as are asked for at once befalls all: the others are spared the tries, which would
    /// take hours.
    private mutating func giveUpAfterAllTries(_ attempt: Attempt, _ status: APIStatus) {
        giveUp(attempt, status)
        exhausted += 1
        if exhausted >= rewriter.pace.streams { result.isCutShort = true }
    }

    private mutating func giveUp(_ attempt: Attempt, _ status: APIStatus) {
        guard case .patch(let object) = attempt.job else { return }
        let reason = status.message.isEmpty ? "\(status.code) \(status.reason)" : status.message
        result.add(RewriteFailure(resource: resource.name, object: object, reason: reason))
    }
}

/// Objects in etcd that would never end.
package struct EndlessRange: Error, Hashable, Sendable, CustomStringConvertible {
    package let resource: ResourceName
    /// Whose etcd it was.
    package let host: HostName

    package var description: String {
        """
        the rewrite of \(resource) stopped: the etcd of \(host) names far more objects than it said that it has. See what \
        answers there, then run the same command again
        """
    }
}
