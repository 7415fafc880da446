internal import Dispatch
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Standard output for data, standard error for everything else, and the terminal for a question.
enum Console {
    static func write(_ text: String) {
        put(text.forTerminal, to: .standardOutput)
    }

    /// For what is safe for a terminal already.
    @Sendable
    static func writeError(_ text: String) {
        put(text, to: .standardError)
    }

    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks on standard error and reads one line.
    ///
    /// The thread that waits for the line is none of Swift's own: the lock's heartbeats go on, and a signal ends the wait.
    static func ask(_ question: String) async throws -> String {
        writeError(question.forTerminal)
        let lines = AsyncStream<String> { continuation in
            DispatchQueue.global().async {
                continuation.yield(readLine(strippingNewline: true) ?? "")
                continuation.finish()
            }
        }
        for await line in lines { return line }
        throw CancellationError()
    }

    private static func put(_ text: String, to descriptor: FileDescriptor) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // Nobody reads on: there is no one left to tell.
            guard let count = try? unsafe rest.withUnsafeBytes({ try unsafe descriptor.write($0) }) else { return }
            rest = rest.dropFirst(count)
        }
    }
}
