internal import Reconciliation
internal import Synchronization

/// Tells on standard error what a run is doing: at most one plain line a second, or a live line on a terminal.
final class ProgressReporter: Sendable {
    private let isLive: Bool
    private let total: Int
    private let state = Mutex(State())

    private struct State {
        var begun = ContinuousClock.now
        var lastLine = ContinuousClock.now
        var stepNumber = 0
        var isLineOpen = false
    }

    init(isLive: Bool, total: Int) {
        self.isLive = isLive
        self.total = total
    }

    @Sendable
    func report(_ progress: Driver.Progress) {
        switch progress {
        case .begins(let step, _):
            let number = state.withLock { state in
                state.begun = .now
                state.stepNumber += 1
                state.isLineOpen = isLive
                return state.stepNumber
            }
            let line = heading(number, step)
            Console.writeError(isLive ? "\(line) …" : "\(line)\n")
        case .finished(let step):
            let (number, elapsed) = state.withLock { state in
                state.isLineOpen = false
                return (state.stepNumber, ContinuousClock.now - state.begun)
            }
            let line = "\(heading(number, step)): done in \(Self.seconds(elapsed)) s"
            Console.writeError(isLive ? "\r\u{1B}[K\(line)\n" : "\(line)\n")
        }
    }

    /// A step that had to be repeated is one more than were planned.
    private func heading(_ number: Int, _ step: Step) -> String {
        "[\(number)/\(max(number, total))] \(Self.words(for: step))"
    }

    /// Ends a live line that a step that failed has left, so that its error stands on one of its own.
    func endLine() {
        let isLineOpen = state.withLock { state in
            defer { state.isLineOpen = false }
            return state.isLineOpen
        }
        if isLineOpen { Console.writeError("\n") }
    }

    @Sendable
    func rewriting(done: Int, total: Int) {
        let (isDue, elapsed) = state.withLock { state in
            let now = ContinuousClock.now
            let pause: Duration = isLive ? .milliseconds(100) : .seconds(1)
            guard now - state.lastLine >= pause else { return (false, Duration.zero) }
            state.lastLine = now
            return (true, now - state.begun)
        }
        guard isDue else { return }
        let line = Self.rewriteLine(done: done, total: total, elapsed: elapsed)
        Console.writeError(isLive ? "\r\u{1B}[K\(line)" : "\(line)\n")
    }

    static func rewriteLine(done: Int, total: Int, elapsed: Duration) -> String {
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = rate > 0 ? Int((Double(max(total - done, 0)) / rate).rounded(.up)) : 0
        return "rewriting: \(grouped(done)) of \(grouped(max(total, done))), \(grouped(Int(rate)))/s, \(left) s left"
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func words(for step: Step) -> String {
        switch step {
        case .configure(let host, _, .readableEverywhere): "\(host): read the needed keys"
        case .configure(let host, _, .writeWithWanted): "\(host): write with the wanted key"
        case .configure(let host, _, .prune): "\(host): drop what nothing needs"
        case .stage(let host, _): "\(host): put the configuration there for its join"
        case .settle(let hosts): "wait for the old API server of \(hosts.map(\.text).joined(separator: ", "))"
        case .tidy(let hosts): "\(hosts.map(\.text).joined(separator: ", ")): remove what an earlier run left"
        case .recordInKubeadm: "kubeadm-config: set flag and volumes"
        case .removeFromKubeadm: "kubeadm-config: remove flag and volumes"
        case .rewrite(let rewrites): "rewrite \(rewrites.map(\.resource.text).joined(separator: ", "))"
        }
    }
}
