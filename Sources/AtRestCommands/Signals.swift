internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// SIGINT and SIGTERM as a request to stop between two steps; a second one ends the process at once.
final class StopRequest: Sendable {
    private let received = Mutex<Int32?>(nil)

    /// The signal that came, if one did.
    var signal: Int32? { received.withLock(\.self) }

    /// Runs `body` in a task that the first signal cancels.
    func guarding<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task { try await body() }
        let sources = [SIGINT, SIGTERM].map { number in
            Glibc.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                guard self.note(number) else { exit(128 + number) }
                Console.writeError("stopping after the step that has begun; once more stops at once\n")
                task.cancel()
            }
            source.activate()
            return source
        }
        defer {
            for source in sources { source.cancel() }
        }
        return try await task.value
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
