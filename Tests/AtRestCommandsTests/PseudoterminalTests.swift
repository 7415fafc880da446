import Reconciliation
import Testing

@testable import AtRestCommands

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct PseudoterminalTests {
    @Test("a real terminal that is resized in the middle of a step => its width counts at each redraw, no line wraps")
    func resized() async {
        await #expect(processExitsWith: .exitCode(7)) {
            for name in ["CI", "NO_COLOR"] { unsafe unsetenv(name) }
            unsafe setenv("TERM", "xterm", 1)
            let terminal = try Pseudoterminal(columns: 24)
            dup2(terminal.device, STDERR_FILENO)
            let log = RunLog()
            let reporter = ProgressReporter(log, total: 1)
            reporter.report(.begins(ProgressTests.restart, because: .notLoaded))
            try terminal.resize(to: 60)
            reporter.tick()
            try terminal.resize(to: 10)
            reporter.tick()
            log.show(nil)
            let clear = "\r\u{1B}[K"
            let expected =
                clear + "[1/1] cp1: read the ne…" + clear + "[1/1] cp1: read the needed keys: 0 s" + clear
                + "[1/1] cp…" + clear
            exit(try terminal.text(expected.utf8.count) == expected ? 7 : 8)
        }
    }
}

/// Both ends of a terminal that no window shows.
private struct Pseudoterminal {
    let window: Int32
    let device: Int32

    struct Failed: Error {
        let call: String
        let number = errno
    }

    init(columns: UInt16) throws {
        var ends: (window: Int32, device: Int32) = (-1, -1)
        guard unsafe openpty(&ends.window, &ends.device, nil, nil, nil) == 0 else { throw Failed(call: "openpty") }
        (window, device) = ends
        try resize(to: columns)
    }

    func resize(to columns: UInt16) throws {
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard unsafe ioctl(window, UInt(TIOCSWINSZ), &size) == 0 else { throw Failed(call: "ioctl") }
    }

    /// So many bytes of what was written.
    func text(_ count: Int) throws -> String {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var buffer = [UInt8](repeating: 0, count: count - bytes.count)
            let number = unsafe read(window, &buffer, buffer.count)
            guard number > 0 else { throw Failed(call: "read") }
            bytes += buffer.prefix(number)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
