internal import ControlPlane
internal import Reconciliation
internal import Synchronization

/// Tells how a run goes on: a live line on a terminal, else a plain one now and then, or JSON.
final class ProgressReporter: Sendable {
    private let log: RunLog
    private let total: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var number = 0
        var current: StepUnderWay?
    }

    init(
        _ log: RunLog, total: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.log = log
        self.total = total
        self.now = now
    }

    /// Runs `body`, and tells meanwhile.
    func during<Value>(_ body: () async throws -> Value) async throws -> Value {
        let ticking = Task {
            while !Task.isCancelled {
                tick()
                try await ContinuousClock().sleep(for: .milliseconds(100))
            }
        }
        defer { ticking.cancel() }
        do {
            let value = try await body()
            await tellLastResult()
            return value
        } catch {
            giveUp()
            throw error
        }
    }

    /// It may have to wait for its second; who asks to stop meanwhile has what there is.
    private func tellLastResult() async {
        do {
            while log.tick() { try await ContinuousClock().sleep(for: .milliseconds(50)) }
        } catch {}
    }

    @Sendable
    func report(_ progress: Driver.Progress) {
        switch progress {
        case .begins(let step, _): begin(StepUnderWay.Work(step))
        case .finished: finish()
        }
    }

    func begin(_ work: StepUnderWay.Work) {
        let now = now()
        state.withLock { state in
            state.number += 1
            // A step that had to be repeated is one more than were planned.
            let begun = StepUnderWay(work, number: state.number, of: max(state.number, total), at: now)
            state.current = begun
            log.tellProgress(begun.heading, .beginning, begun.fields("stepBegins"))
            log.show(begun.liveLine(at: now))
        }
    }

    func finish() {
        let now = now()
        end("stepDone", at: now) { step in
            let words = "done in \(step.secondsText(at: now)) s"
            return log.isLive ? log.terminal.errorStyle(.green, words) : words
        }
    }

    @Sendable
    func report(_ progress: StepProgress) {
        state.withLock { $0.current?.progress = progress }
    }

    /// Tells what has changed since, in particular the time.
    func tick() {
        let now = now()
        state.withLock { state in
            guard let current = state.current else { return }
            log.show(current.liveLine(at: now))
            guard state.current?.takeUpdate(at: now) == true else { return }
            log.tellProgress(current.updateLine(at: now), .update, current.updateFields(at: now))
        }
        log.tick()
    }

    /// Says which step is not finished.
    private func giveUp() {
        let now = now()
        end("stepNotDone", at: now) { "not finished after \($0.secondsText(at: now)) s" }
    }

    /// Nothing is shown of the step any more once its result is.
    private func end(_ event: String, at now: ContinuousClock.Instant, words: (StepUnderWay) -> String) {
        state.withLock { state in
            guard let step = state.current else { return }
            state.current = nil
            log.show(nil)
            var fields = step.fields(event)
            fields["seconds"] = .number(Int(step.elapsed(at: now) / .seconds(1)))
            log.tellProgress("\(step.heading): \(words(step))", .result, fields)
        }
    }
}
