package import Reconciliation

/// Has the API servers write every object of a resource anew, under the write key of now, without seeing any.
///
/// An empty merge patch makes the server read, decrypt and compare; what is stored in a stale form it writes again, what is
/// fresh it leaves alone.
package struct Rewriter: Sendable {
    /// How a rewrite treads; the defaults are for a real cluster.
    package struct Pace: Sendable {
        /// Requests under way at once, at most.
        package var streams = 100
        /// Objects a page.
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
    let pace: Pace
    let time: Time

    package init(
        hosts: [HostName], pace: Pace = Pace(), time: Time = .real,
        connect: @escaping @Sendable (HostName) async throws -> HTTPChannel
    ) {
        self.hosts = hosts
        self.connect = connect
        self.pace = pace
        self.time = time
    }

    /// Rewrites all objects of a resource.
    ///
    /// What befalls single objects is in the result.
    ///
    /// - Parameters:
    ///   - resource: one that `isRewritable`.
    ///   - total: how many objects there are, where that is known.
    ///   - progress: called after every object, on the task that called this.
    /// - Returns: What became of the objects.
    /// - Throws: Where nothing can go on: ``RewriteStopped`` if no API server is reached, an ``APIStatus`` that `isForbidden`
    ///   if this identity lacks the right, or one that `isMissing` if the resource is not served.
    package func rewrite(
        _ resource: ServedResource, total: Int? = nil, progress: (RewriteProgress) -> Void = { _ in }
    ) async throws -> RewriteResult {
        var run = RewriteRun(self, resource, total: total)
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
    /// Objects that are done with: patched, gone or given up.
    package let done: Int
    /// All objects, where that is known.
    package let total: Int?
    /// Objects a second, since the start.
    package let rate: Double
}

/// What became of a resource's objects.
package struct RewriteResult: Hashable, Sendable {
    package internal(set) var listed = 0
    package internal(set) var patched = 0
    /// Deleted by somebody else between list and patch.
    package internal(set) var gone = 0
    package internal(set) var failed = 0
    /// The first failures, at most 100; `failed` counts them all.
    package internal(set) var failures: [RewriteFailure] = []

    /// Patched, gone or given up.
    package var done: Int { patched + gone + failed }

    mutating func add(_ failure: RewriteFailure) {
        failed += 1
        if failures.count < 100 { failures.append(failure) }
    }
}

/// An object that could not be rewritten, or a list that could not be read to its end.
package struct RewriteFailure: Hashable, Sendable, CustomStringConvertible {
    package let resource: ResourceName
    /// Nil for what belongs to no namespace.
    package let namespace: String?
    /// Nil where it is the list that failed.
    package let name: String?
    /// The server's words.
    package let reason: String

    package var description: String {
        let place = [namespace, name ?? "(the list)"].compactMap(\.self).joined(separator: "/")
        return "\(resource) '\(place.printable(limit: 600))': \(reason)"
    }
}

/// No API server was reached any more.
package struct RewriteStopped: Error, CustomStringConvertible {
    package let resource: ResourceName
    package let host: HostName
    package let reason: String

    package var description: String {
        "the rewrite of \(resource) stopped: no API server can be reached, the last try was on \(host): \(reason)"
    }
}
