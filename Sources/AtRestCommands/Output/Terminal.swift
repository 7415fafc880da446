internal import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif
/// What whoever reads standard output and standard error can be shown.
struct Terminal: Sendable {
    /// Whether a line on standard error may be overwritten by the next one.
    let isLive: Bool
    let outputStyle: TextStyle
    let errorStyle: TextStyle
    /// The columns of standard error, as they are now.
    let width: @Sendable () -> Int

    /// For who can be shown plain lines only.
    static let none = Terminal(isLive: false, outputStyle: .plain, errorStyle: .plain, width: { defaultWidth })

    /// That of this process.
    static var current: Terminal {
        Terminal(
            isOutputTerminal: isatty(STDOUT_FILENO) == 1, isErrorTerminal: isatty(STDERR_FILENO) == 1,
            environment: ProcessInfo.processInfo.environment, width: currentWidth)
    }

    /// A log of continuous integration keeps what a terminal would overwrite, and a dumb terminal cannot.
    init(
        isOutputTerminal: Bool, isErrorTerminal: Bool, environment: [String: String],
        width: @escaping @Sendable () -> Int
    ) {
        let isDumb = environment["TERM"] == "dumb"
        let hasColor = !isDumb && (environment["NO_COLOR"] ?? "").isEmpty
        self.init(
            isLive: isErrorTerminal && !isDumb && ["", "false"].contains(environment["CI"] ?? ""),
            outputStyle: isOutputTerminal && hasColor ? .colored : .plain,
            errorStyle: isErrorTerminal && hasColor ? .colored : .plain, width: width)
    }

    private init(
        isLive: Bool, outputStyle: TextStyle, errorStyle: TextStyle, width: @escaping @Sendable () -> Int
    ) {
        self.isLive = isLive
        self.outputStyle = outputStyle
        self.errorStyle = errorStyle
        self.width = width
    }

    /// Where nobody knows.
    private static let defaultWidth = 80

    @Sendable
    private static func currentWidth() -> Int {
        var size = winsize()
        let isKnown = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
        return isKnown && size.ws_col > 0 ? Int(size.ws_col) : defaultWidth
    }
}
