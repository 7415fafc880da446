package import Reconciliation

/// Has the API servers write objects anew, under the write key of now, without seeing any.
///
/// An empty merge patch makes the server read, decrypt and compare; what is stored in a stale form it writes again, what is
/// fresh it leaves alone.
package struct Rewriter: Sendable {
    /// How a rewrite treads; the defaults are for a real cluster.
    package struct Pace: Sendable {
        /// Requests under way at once, at most.
        package var streams = 100
        /// Patches a second, at most; nil for as many as the servers take.
        package var mostPerSecond: Int?
        /// Names are read ahead while fewer than these wait.
        package var page = 500
        /// Tries of one request before its object is given up, or before the rewrite stops where no server is reached.
        package var attempts = 10
        /// Before the second try; doubles from try to try.
        package var backoff: Duration = .milliseconds(100)
        package var longestBackoff: Duration = .seconds(5)

        package init() {}
    }

    /// Time, injected.
    package struct Time: Sendable {
        /// Since any fixed moment.
        package var now: @Sendable () -> Duration
        package var sleep: @Sendable (Duration) async throws -> Void

        package init(
            now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
        ) {
            self.now = now
            self.sleep = sleep
        }

        package static let real: Time = {
            let start = ContinuousClock.now
            return Time(now: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) })
        }()
    }

    /// The hosts whose API servers may be used, in the order of preference; one is used at a time.
    let hosts: [HostName]
    /// Makes a new channel to a host's API server; the rewriter closes it.
    let connect: @Sendable (HostName) async throws -> HTTPChannel
    /// Finds what is to be written anew in the first part of a range, through a host.
    let find: @Sendable (HostName, KeyRange) async throws -> StalePart
    let pace: Pace
    let time: Time

    package init(
        hosts: [HostName], pace: Pace = Pace(), time: Time = .real,
        find: @escaping @Sendable (HostName, KeyRange) async throws -> StalePart,
        connect: @escaping @Sendable (HostName) async throws -> HTTPChannel
    ) {
        self.hosts = hosts
        self.find = find
        self.connect = connect
        self.pace = pace
        self.time = time
    }

    /// Rewrites what is found in a resource's range.
    ///
    /// What befalls single objects is in the result.
    ///
    /// - Parameters:
    ///   - resource: one that `isRewritable`.
    ///   - range: where etcd has it.
    ///   - total: how many objects there are, where that is known.
    ///   - progress: called after every object and every part that is as wanted, on the task that called this.
    /// - Returns: What became of the objects.
    /// - Throws: Where nothing can go on: ``RewriteStopped`` if no host answers, an ``APIStatus`` that `isForbidden`
    ///   if this identity lacks the right, or one that `isMissing` if the resource is not served.
    package func rewrite(
        _ resource: ServedResource, in range: KeyRange, total: Int? = nil,
        progress: (RewriteProgress) -> Void = { _ in }
    ) async throws -> RewriteResult {
        var run = RewriteRun(self, resource, in: range, total: total)
        do {
            let result = try await run.run(progress)
            await run.servers.close()
            return result
        } catch {
            await run.servers.close()
            throw error
        }
    }
}

/// How far a rewrite is.
package struct RewriteProgress: Hashable, Sendable {
    package let resource: ResourceName
    /// Objects that are done with: as wanted, patched, gone or given up.
    package let done: Int
    /// All objects, where that is known.
    package let total: Int?
    /// Objects a second that were not as wanted, since the start.
    package let rate: Double
}

/// What became of a resource's objects.
package struct RewriteResult: Hashable, Sendable {
    /// Those that were as wanted before.
    package internal(set) var fresh = 0
    package internal(set) var patched = 0
    /// Deleted by somebody else since they were found.
    package internal(set) var gone = 0
    package internal(set) var failed = 0
    /// True where so many objects in a row failed after all tries that the others were not tried.
    package internal(set) var isCutShort = false
    /// The first failures, at most 100; `failed` counts them all.
    package internal(set) var failures: [RewriteFailure] = []

    /// As wanted, patched, gone or given up.
    package var done: Int { fresh + patched + gone + failed }

    mutating func add(_ failure: RewriteFailure) {
        failed += 1
        if failures.count < 100 { failures.append(failure) }
    }
}

/// An object that could not be rewritten.
package struct RewriteFailure: Hashable, Sendable, CustomStringConvertible {
    package let resource: ResourceName
    package let object: ObjectName
    /// The server's words.
    package let reason: String

    package var description: String {
        let place = [object.namespace, object.name].compactMap(\.self).joined(separator: "/")
        return "\(resource) '\(place.printable(limit: 600))': \(reason)"
    }
}

/// No host answered any more.
package struct RewriteStopped: Error, CustomStringConvertible {
    package let resource: ResourceName
    package let host: HostName
    package let reason: String

    package var description: String {
        "the rewrite of \(resource) stopped: no host answers any more, the last try was on \(host): \(reason)"
    }
}
