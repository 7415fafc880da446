internal import CCurl
internal import Synchronization

/// The queue between the tasks that send requests and the one thread that owns every libcurl handle.
final class CurlTransport: Sendable {
    struct Submission: Sendable {
        let id: UInt64
        let request: HTTPRequest
        let continuation: CheckedContinuation<HTTPResponse, any Error>
    }

    /// What the thread has to do next.
    struct Work {
        let submissions: [Submission]
        let cancelled: [UInt64]
    }

    private enum Phase {
        case open
        case closing
        case closed(HTTPFailure)
    }

    private struct Queue {
        var phase = Phase.open
        var lastID: UInt64 = 0
        var waiting: ArraySlice<Submission> = []
        var cancelled: [UInt64] = []
        var closers: [CheckedContinuation<Void, Never>] = []
        /// Set while the thread's multi handle exists: the thread takes it back before it frees the handle.
        var wakeUp: CurlWakeUp?
    }

    let endpoint: CurlEndpoint
    let limits: HTTPLimits
    private let queue = Mutex(Queue())

    init(endpoint: CurlEndpoint, identity: TLSIdentity?, limits: HTTPLimits) {
        self.endpoint = endpoint
        self.limits = limits
        do {
            try CurlThread.start { [self] in CurlLoop.run(self, identity: identity) }
        } catch {
            end(failing: error)
        }
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id = queue.withLock { queue in
            queue.lastID += 1
            return queue.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                submit(Submission(id: id, request: request, continuation: continuation))
                // A cancellation from before the submission found nothing to cancel.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Drops every connection and returns once no libcurl handle is left.
    func close() async {
        await withCheckedContinuation { continuation in
            let isClosed = queue.withLock { queue in
                if case .closed = queue.phase { return true }
                queue.closers.append(continuation)
                return false
            }
            if isClosed { continuation.resume() } else { beginClosing() }
        }
    }

    func beginClosing() {
        queue.withLock { queue in
            guard case .open = queue.phase else { return }
            queue.phase = .closing
            queue.wakeUp?.signal()
        }
    }

    private func submit(_ submission: Submission) {
        let refusal: HTTPFailure? = queue.withLock { queue in
            switch queue.phase {
            case .open:
                queue.waiting.append(submission)
                queue.wakeUp?.signal()
                return nil
            case .closing: return .notConnected("the channel is closed")
            case .closed(let reason): return reason
            }
        }
        if let refusal { submission.continuation.resume(throwing: refusal) }
    }

    private func cancel(_ id: UInt64) {
        let waiting: Submission? = queue.withLock { queue in
            if let index = queue.waiting.firstIndex(where: { $0.id == id }) {
                return queue.waiting.remove(at: index)
            }
            queue.cancelled.append(id)
            queue.wakeUp?.signal()
            return nil
        }
        waiting?.continuation.resume(throwing: CancellationError())
    }
}

/// The thread's side.
extension CurlTransport {
    func attach(_ wakeUp: CurlWakeUp) {
        queue.withLock { $0.wakeUp = wakeUp }
    }

    /// Hands over what is to be done, at most `room` submissions; nil once the channel closes.
    func takeWork(room: Int) -> Work? {
        queue.withLock { queue in
            guard case .open = queue.phase else { return nil }
            let work = Work(submissions: Array(queue.waiting.prefix(room)), cancelled: queue.cancelled)
            queue.waiting = queue.waiting.dropFirst(room)
            queue.cancelled = []
            return work
        }
    }

    /// Ends the wake-ups, after which the multi handle may be freed.
    func detach() {
        queue.withLock { $0.wakeUp = nil }
    }

    /// The thread's last act: fails what still waits, now and ever after.
    func end(failing reason: HTTPFailure) {
        let (submissions, closers) = queue.withLock { queue in
            queue.phase = .closed(reason)
            defer {
                queue.waiting = []
                queue.closers = []
            }
            return (queue.waiting, queue.closers)
        }
        for submission in submissions { submission.continuation.resume(throwing: reason) }
        for closer in closers { closer.resume() }
    }
}

/// Ends the thread's wait from any thread.
///
/// `curl_multi_wakeup` is the one call of a multi handle that other threads may make; it is made under the queue's lock
/// alone, and the thread removes this value under the same lock before it frees the handle.
@safe
struct CurlWakeUp: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer

    init(multi: UnsafeMutableRawPointer) {
        unsafe self.multi = unsafe multi
    }

    func signal() {
        // It fails only where the pipe is full of earlier wake-ups, and then the thread is about to wake.
        _ = unsafe curl_multi_wakeup(multi)
    }
}
