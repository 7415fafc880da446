internal import FoundationEssentials
internal import Logging
internal import Synchronization

/// Everything that a run writes on standard error, but for its prompt: as text, or as JSON, one object a line.
///
/// All of it goes through here. So no line lands in the middle of a live one, plain progress keeps its pace, and nothing but our
/// own moves a terminal's cursor.
final class RunLog: Sendable {
    let format: OutputOptions.LogFormat
    let terminal: Terminal
    private let now: @Sendable () -> ContinuousClock.Instant
    private let date: @Sendable () -> Date
    private let output: @Sendable (String) -> Void
    private let state: Mutex<State>

    private struct State {
        /// What a terminal shows in its last line, and the next line overwrites.
        var live: String?
        var pace = LinePace()
    }

    init(
        format: OutputOptions.LogFormat = .text, terminal: Terminal = .current,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        date: @escaping @Sendable () -> Date = Date.init,
        output: @escaping @Sendable (String) -> Void = Console.writeError
    ) {
        self.format = format
        self.terminal = terminal
        self.now = now
        self.date = date
        self.output = output
        state = Mutex(State())
    }

    /// True where one line can show how a step goes on.
    var isLive: Bool { format == .text && terminal.isLive }

    /// Says something to the operator, whatever the level of the log is.
    func tell(_ level: Logger.Level, _ message: String, _ fields: [String: LogValue] = [:]) {
        let line = LogLine(time: date(), level: level, message: message, fields: fields)
        put(format == .json ? line.json : message.forTerminal)
    }

    /// Says why the run ends otherwise than well.
    func tell(_ message: String, endingWith status: ExitStatus) {
        tell(.error, message, ["exitCode": .number(Int(status.rawValue))])
    }

    /// Writes what a logger was given and lets through.
    func log(_ level: Logger.Level, _ message: String, _ metadata: [String: String]) {
        let line = LogLine(time: date(), level: level, message: message, fields: metadata.mapValues { .text($0) })
        put(format == .json ? line.json : line.text.forTerminal)
    }

    /// Says how far the run is: as text off a terminal no more than one line a second, on a terminal only results.
    func tellProgress(_ message: String, _ kind: LinePace.Kind, _ fields: [String: LogValue]) {
        if format == .json || isLive && kind == .result { return tell(.info, message, fields) }
        guard !isLive else { return }
        write { $0.add(message, kind) }
    }

    /// Shows a line in place of the live one, on a terminal, and cut to its width of now; nil for none.
    func show(_ line: String?) {
        guard isLive else { return }
        let cut = line.map { Self.cut($0, to: terminal.width()).forTerminal }
        state.withLock { state in
            guard cut != state.live else { return }
            output(Self.clear + (cut ?? ""))
            state.live = cut
        }
    }

    /// Writes what has waited for its second; returns whether a result still waits.
    @discardableResult
    func tick() -> Bool {
        write { _ in }
        return state.withLock { $0.pace.hasResults }
    }

    private func write(_ body: (inout LinePace) -> Void) {
        state.withLock { state in
            body(&state.pace)
            if let line = state.pace.next(at: now()) { output(line.forTerminal + "\n") }
        }
    }

    /// Writes a line at once, behind what waits.
    private func put(_ text: String) {
        state.withLock { state in
            let waiting = state.pace.takeResults().map { $0.forTerminal + "\n" } ?? ""
            let clear = state.live == nil ? "" : Self.clear
            output(clear + waiting + text + "\n" + (state.live ?? ""))
        }
    }

    private static let clear = "\r\u{1B}[K"

    /// One column is left: a terminal wraps behind its last one.
    private static func cut(_ line: String, to width: Int) -> String {
        let line = line.map { $0.isNewline ? " " : $0 }
        return line.count < width ? String(line) : String(line.prefix(max(0, width - 2))) + "…"
    }
}

extension RunLog {
    /// For what another program writes on its standard error; nil where that may go to ours as it is.
    var lineTeller: (@Sendable (String) -> Void)? {
        format == .json ? { @Sendable in self.tell(.info, $0) } : nil
    }
}
