/// Plain lines of progress, at most one a second: what comes too early waits.
struct LinePace {
    enum Kind {
        /// How something ended; never left out.
        case result
        /// Left out where its result comes before it could be said.
        case beginning
        /// Left out where a newer one comes.
        case update
    }

    private var last: ContinuousClock.Instant?
    private var results: [String] = []
    private var beginning: String?
    private var update: String?

    mutating func add(_ line: String, _ kind: Kind) {
        switch kind {
        case .result:
            results.append(line)
            (beginning, update) = (nil, nil)
        case .beginning: beginning = line
        case .update: update = line
        }
    }

    var hasResults: Bool { !results.isEmpty }

    /// What is due.
    mutating func next(at now: ContinuousClock.Instant) -> String? {
        if let last, now - last < .seconds(1) { return nil }
        guard let line = takeResults() ?? take(&beginning) ?? take(&update) else { return nil }
        last = now
        return line
    }

    /// The results that wait, in one line.
    mutating func takeResults() -> String? {
        guard hasResults else { return nil }
        defer { results = [] }
        return results.joined(separator: "; ")
    }

    private func take(_ line: inout String?) -> String? {
        defer { line = nil }
        return line
    }
}
