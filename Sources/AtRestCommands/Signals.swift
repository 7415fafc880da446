internal import ControlPlane
internal import Dispatch
internal import Logging
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// SIGINT and SIGTERM as a request to stop at the next safe point; a second one ends the process at once.
final class StopRequest: Sendable {
    let log: RunLog
    private let received = Mutex<Int32?>(nil)

    init(log: RunLog = RunLog()) {
        self.log = log
    }

    /// The signal that came, if one did.
    var signal: Int32? { received.withLock(\.self) }

    /// Runs `body` in a task that the first signal cancels; behind it signals do again what they always do.
    func guarding<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let (requests, request) = AsyncStream<Void>.makeStream()
        var sources: [any DispatchSourceSignal] = []
        for number in [SIGINT, SIGTERM] {
            sources.append(await source(of: number) { request.yield() })
        }
        let task = Task { try await body() }
        let watch = Task {
            for await _ in requests { task.cancel() }
        }
        let result = await task.result
        watch.cancel()
        for source in sources { await end(source) }
        for number in [SIGINT, SIGTERM] { restore(number) }
        return try result.get()
    }

    /// Until its file descriptor is closed, a cancelled source swallows signals that nobody is told of.
    private func end(_ source: any DispatchSourceSignal) async {
        await withCheckedContinuation { continuation in
            source.setCancelHandler { continuation.resume() }
            source.cancel()
        }
    }

    /// A source that is at work, and that ends the process where its signal is the second one.
    private func source(
        of number: Int32, first: @escaping @Sendable () -> Void
    ) async -> any DispatchSourceSignal {
        ignore(number)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            guard self.note(number) else {
                // Hosts are as safe as after SIGKILL. Nothing else is done on the way out: other threads are at work.
                SSHSession.abandonAll()
                _exit(128 + number)
            }
            first()
            self.log.tell(.warning, "stopping as soon as that is safe; once more stops at once")
        }
        await withCheckedContinuation { continuation in
            source.setRegistrationHandler { continuation.resume() }
            source.activate()
        }
        return source
    }

    /// True for the first signal.
    private func note(_ number: Int32) -> Bool {
        received.withLock { received in
            guard received == nil else { return false }
            received = number
            return true
        }
    }
}

/// A dispatch source sees a signal only where its default, the end of the process, is out of the way.
private func ignore(_ number: Int32) {
    _ = signal(number, SIG_IGN)
}

private func restore(_ number: Int32) {
    _ = signal(number, SIG_DFL)
}
