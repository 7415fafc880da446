internal import ControlPlane
internal import Reconciliation

/// A step that has begun, in words and fields.
struct StepUnderWay: Sendable {
    let work: Work
    let number: Int
    let total: Int
    let begun: ContinuousClock.Instant
    var progress: StepProgress?
    private var lastUpdate: ContinuousClock.Instant

    /// What it does, and to whom.
    struct Work: Sendable {
        let words: String
        /// Stable, for programs.
        let kind: String
        /// Nil where it is about no host, or about several.
        let host: HostName?
    }

    init(_ work: Work, number: Int, of total: Int, at now: ContinuousClock.Instant) {
        self.work = work
        self.number = number
        self.total = total
        begun = now
        lastUpdate = now
    }

    var heading: String { "[\(number)/\(total)] \(work.words)" }

    func elapsed(at now: ContinuousClock.Instant) -> Duration { now - begun }

    func secondsText(at now: ContinuousClock.Instant) -> String {
        let tenths = Int((elapsed(at: now) / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// For a line that is overwritten.
    func liveLine(at now: ContinuousClock.Instant) -> String {
        switch progress {
        case .rewritten(let done, let total): "\(heading): \(rewrite(done, total, at: now).words)"
        case .waits(let awaited): "\(heading): \(wholeSeconds(at: now)) s, waiting for \(awaited.words)"
        case nil: "\(heading): \(wholeSeconds(at: now)) s"
        }
    }

    /// Whether a plain line is due: each second of a rewrite, and now and then where nothing happens.
    mutating func takeUpdate(at now: ContinuousClock.Instant) -> Bool {
        let pause: Duration = if case .rewritten = progress { .seconds(1) } else { .seconds(10) }
        guard now - lastUpdate >= pause else { return false }
        lastUpdate = now
        return true
    }

    func updateLine(at now: ContinuousClock.Instant) -> String {
        guard case .rewritten(let done, let total) = progress else { return liveLine(at: now) }
        return "rewriting: \(rewrite(done, total, at: now).words)"
    }

    /// What every line about this step has as JSON.
    func fields(_ event: String) -> [String: LogValue] {
        var fields: [String: LogValue] = [
            "event": .text(event), "step": .number(number), "steps": .number(total), "kind": .text(work.kind),
        ]
        fields["host"] = work.host.map { .text($0.text) }
        return fields
    }

    func updateFields(at now: ContinuousClock.Instant) -> [String: LogValue] {
        guard case .rewritten(let done, let total) = progress else {
            var fields = fields("stepWaits")
            fields["seconds"] = .number(wholeSeconds(at: now))
            if case .waits(let awaited) = progress { fields["waitsFor"] = .text(awaited.words) }
            return fields
        }
        let rewrite = rewrite(done, total, at: now)
        var fields = fields("rewriting")
        fields["done"] = .number(rewrite.done)
        fields["total"] = .number(rewrite.total)
        fields["rate"] = .number(rewrite.rate)
        fields["etaSeconds"] = rewrite.secondsLeft.map { .number($0) }
        return fields
    }

    private func wholeSeconds(at now: ContinuousClock.Instant) -> Int { Int(elapsed(at: now) / .seconds(1)) }

    private func rewrite(_ done: Int, _ total: Int, at now: ContinuousClock.Instant) -> RewritePace {
        RewritePace(done: done, total: total, elapsed: elapsed(at: now))
    }
}

extension StepUnderWay.Work {
    init(_ step: Step) {
        self.init(words: step.words, kind: step.kind, host: step.host)
    }

    /// Undoing a step that was cut short, where no API server serves.
    static func putBack(_ host: HostName) -> StepUnderWay.Work {
        StepUnderWay.Work(
            words: "\(host): put back what it had before the step that was cut short", kind: "putBack", host: host)
    }
}

/// How fast a rewrite goes.
struct RewritePace: Sendable {
    let done: Int
    /// Never less than what is done.
    let total: Int
    /// Objects a second.
    let rate: Int
    /// Nil where less than one object a second is done: that is no pace to reckon with.
    let secondsLeft: Int?

    init(done: Int, total: Int, elapsed: Duration) {
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        self.done = done
        self.total = max(total, done)
        self.rate = Int(rate)
        secondsLeft = rate >= 1 ? Int((Double(max(total - done, 0)) / rate).rounded(.up)) : nil
    }

    var words: String {
        "\(grouped(done)) of \(grouped(total)), \(grouped(rate))/s" + (secondsLeft.map { ", \($0) s left" } ?? "")
    }
}
