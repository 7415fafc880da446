import ControlPlane
import FoundationEssentials
import Logging
import Reconciliation
import Synchronization
import Testing

@testable import AtRestCommands

@Suite struct ProgressTests {
    /// A run whose clock is turned by hand, and all that it writes on standard error.
    final class Stage: Sendable {
        private let state = Mutex((text: "", now: ContinuousClock.now, width: 80))

        func log(_ format: OutputOptions.LogFormat = .text, environment: [String: String]? = nil) -> RunLog {
            RunLog(
                format: format,
                terminal: Terminal(
                    isOutputTerminal: environment != nil, isErrorTerminal: environment != nil,
                    environment: environment ?? [:], width: { self.state.withLock(\.width) }),
                now: { self.now }, date: { Date(timeIntervalSince1970: 1_795_392_000) },
                output: { text in self.state.withLock { $0.text += text } })
        }

        func reporter(_ log: RunLog, total: Int = 2) -> ProgressReporter {
            ProgressReporter(log, total: total, now: { self.now })
        }

        var now: ContinuousClock.Instant { state.withLock(\.now) }

        /// What was written since the last time.
        func written() -> String {
            state.withLock { state in
                defer { state.text = "" }
                return state.text
            }
        }

        func wait(_ duration: Duration) { state.withLock { $0.now += duration } }

        func resize(to width: Int) { state.withLock { $0.width = width } }
    }

    static let host = HostName("cp1")
    static let restart = Step.configure(host, .configuration(.unencrypted), .readableEverywhere)
    static let rewrite = Step.rewrite([.init(resource: .secrets, key: .identity)])
    static let terminal = ["TERM": "xterm"]

    @Test(
        "a rewrite => count, rate and time left",
        arguments: [
            (500, 2000, 2, "500 of 2,000, 250/s, 6 s left"), (0, 2000, 0, "0 of 2,000, 0/s"),
            (2100, 2000, 3, "2,100 of 2,100, 700/s, 0 s left"),
        ])
    func line(done: Int, total: Int, seconds: Int, text: String) {
        #expect(RewritePace(done: done, total: total, elapsed: .seconds(seconds)).words == text)
    }

    @Test("off a terminal => plain lines, never two in one second; a result is never left out")
    func plain() {
        let stage = Stage()
        let reporter = stage.reporter(stage.log(), total: 3)
        reporter.report(.begins(.recordInKubeadm, because: .kubeadmWouldDropIt))
        #expect(stage.written() == "[1/3] kubeadm-config: set flag and volumes\n")
        stage.wait(.milliseconds(100))
        reporter.report(.finished(.recordInKubeadm))
        stage.wait(.milliseconds(300))
        reporter.report(.begins(.settle([Self.host]), because: .lingering))
        stage.wait(.milliseconds(100))
        reporter.report(.finished(.settle([Self.host])))
        stage.wait(.milliseconds(100))
        reporter.report(.begins(Self.rewrite, because: .storedUnder([])))
        reporter.tick()
        #expect(stage.written().isEmpty)
        stage.wait(.milliseconds(500))
        reporter.tick()
        #expect(
            stage.written() == """
                [1/3] kubeadm-config: set flag and volumes: done in 0.1 s; [2/3] wait for the old API server of cp1: \
                done in 0.1 s

                """)
        for number in 1...40 {
            stage.wait(.milliseconds(100))
            reporter.report(.rewritten(done: number * 10, total: 2000))
            reporter.tick()
        }
        #expect(
            stage.written() == """
                [3/3] rewrite secrets
                rewriting: 150 of 2,000, 75/s, 25 s left
                rewriting: 250 of 2,000, 83/s, 21 s left
                rewriting: 350 of 2,000, 87/s, 19 s left

                """)
        reporter.report(.finished(Self.rewrite))
        stage.wait(.seconds(1))
        reporter.tick()
        #expect(stage.written() == "[3/3] rewrite secrets: done in 4.5 s\n")
    }

    @Test("off a terminal, a step that takes long => now and then what it waits for")
    func long() {
        let stage = Stage()
        let reporter = stage.reporter(stage.log())
        reporter.report(.begins(Self.restart, because: .notLoaded))
        reporter.report(.waits(for: .readiness(Self.host, failing: ["etcd"])))
        for _ in 1...210 {
            stage.wait(.milliseconds(100))
            reporter.tick()
        }
        #expect(
            stage.written() == """
                [1/2] cp1: read the needed keys
                [1/2] cp1: read the needed keys: 10 s, waiting for it to be ready (fails etcd)
                [1/2] cp1: read the needed keys: 20 s, waiting for it to be ready (fails etcd)

                """)
    }

    @Test("on a terminal => one line that ticks, and the result in its place")
    func live() {
        let stage = Stage()
        let reporter = stage.reporter(stage.log(environment: Self.terminal.merging(["NO_COLOR": "1"]) { $1 }))
        reporter.report(.begins(Self.restart, because: .notLoaded))
        reporter.report(.waits(for: .newServer(Self.host)))
        stage.wait(.milliseconds(1100))
        reporter.tick()
        reporter.tick()
        stage.wait(.seconds(2))
        reporter.report(.waits(for: .readiness(Self.host, failing: [])))
        reporter.tick()
        reporter.report(.finished(Self.restart))
        let clear = "\r\u{1B}[K"
        #expect(
            stage.written() == clear + "[1/2] cp1: read the needed keys: 0 s"
                + clear + "[1/2] cp1: read the needed keys: 1 s, waiting for a new kube-apiserver"
                + clear + "[1/2] cp1: read the needed keys: 3 s, waiting for it to be ready"
                + clear + "[1/2] cp1: read the needed keys: done in 3.1 s\n")
    }

    @Test("a terminal that gets narrower => the line is cut to what there is; what else is said stands on its own line")
    func narrow() {
        let stage = Stage()
        let log = stage.log(environment: Self.terminal)
        let reporter = stage.reporter(log)
        let clear = "\r\u{1B}[K"
        stage.resize(to: 30)
        reporter.report(.begins(Self.restart, because: .notLoaded))
        #expect(stage.written() == clear + "[1/2] cp1: read the needed k…")
        stage.resize(to: 12)
        reporter.tick()
        #expect(stage.written() == clear + "[1/2] cp1:…")
        log.tell(.warning, "stopping")
        #expect(stage.written() == clear + "stopping\n[1/2] cp1:…")
        stage.resize(to: 200)
        stage.wait(.seconds(1))
        reporter.report(.finished(Self.restart))
        let words = "\u{1B}[32mdone in 1.0 s\u{1B}[0m"
        #expect(stage.written() == clear + "[1/2] cp1: read the needed keys: \(words)\n")
    }

    @Test(
        "no terminal, a dumb one, continuous integration => no live line; NO_COLOR => no colour",
        arguments: [
            (false, [:], false, TextStyle.plain), (true, ["TERM": "dumb"], false, .plain),
            (true, ["CI": "true"], false, .colored), (true, ["NO_COLOR": "1"], true, .plain),
            (true, ["NO_COLOR": "", "CI": "false"], true, .colored),
        ])
    func terminals(isTerminal: Bool, environment: [String: String], isLive: Bool, style: TextStyle) {
        let terminal = Terminal(
            isOutputTerminal: isTerminal, isErrorTerminal: isTerminal, environment: environment, width: { 80 })
        #expect(terminal.isLive == isLive)
        #expect(terminal.outputStyle == style && terminal.errorStyle == style)
    }

    @Test("a step that fails => which one, before the error")
    func failure() async throws {
        let stage = Stage()
        let log = stage.log()
        let reporter = stage.reporter(log)
        await #expect(throws: CancellationError.self) {
            try await reporter.during {
                reporter.report(.begins(Self.restart, because: .notLoaded))
                stage.wait(.milliseconds(2500))
                throw CancellationError()
            }
        }
        log.tell(.error, "stopped")
        #expect(
            stage.written() == """
                [1/2] cp1: read the needed keys
                [1/2] cp1: read the needed keys: not finished after 2.5 s
                stopped

                """)
    }
}
