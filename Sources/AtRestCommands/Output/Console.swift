internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Standard output for data, standard error for everything else, and the terminal for a question.
enum Console {
    static func write(_ text: String) {
        put(text, to: .standardOutput)
    }

    static func writeError(_ text: String) {
        put(text, to: .standardError)
    }

    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Whether progress may overwrite its own line.
    static var isLive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Asks on standard error and reads one line.
    static func ask(_ question: String) -> String {
        writeError(question)
        return readLine(strippingNewline: true) ?? ""
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
