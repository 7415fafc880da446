import FoundationEssentials

/// One operation: a run under faults, and the run behind it, which finds none.
extension Campaign {
    func carryOut(_ record: inout Record, _ flags: [String]) async throws {
        let declared = try await declared()
        let keysBefore = Set(try await Sandbox.allKeys().map(\.name))
        let faulty = FaultyRun(
            arguments: declared + flags, faults: record.faults, steps: try await steps(flags))
        let outcome = try await watched(&record) {
            let outcome = try await faulty()
            try await Sandbox.waitUntilReady()
            return outcome
        }
        record.struck = outcome.struck.map(\.fault)
        record.statuses.append(outcome.status)
        try tell(outcome.errors.split(separator: "\n").suffix(3).joined(separator: "\n"))
        let keys = try await Sandbox.allKeys()
        record.expectNothingSaid(by: outcome.output + outcome.errors, keys)
        record.expectAnswer(outcome)
        try record.expectNothingLeft(in: outcome.home, keys)

        // A rotation that is finished is not to be begun again.
        let isFinished = outcome.output.contains("\nDone: ")
        let again = record.operation == .rotate && isFinished ? declared : declared + flags
        let run = try await watched(&record, isAlone: true) { try await Self.unlocked(again) }
        let keysBehind = try await Sandbox.allKeys()
        record.take(run, keysBehind)
        if record.operation == .restore { record.add(try await ledger.kept {}.report) }
        let fresh = Set(keysBehind.map(\.name)).subtracting(keysBefore).filter { $0.hasPrefix("atrest-") }
        if fresh.count > 1 { record.findings.append("more than one new key: \(fresh.sorted())") }
    }

    /// Has the client write and read beside `body`, in which only the API server that a run restarts may be down where it is alone.
    ///
    /// What a restored etcd holds nobody can read before a run has brought the keys back: then there is no client.
    private func watched<Value: Sendable>(
        _ record: inout Record, isAlone: Bool = false, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard record.operation != .restore else { return try await body() }
        let (value, report) = try await ledger.kept(beside: body)
        record.add(report)
        if isAlone, report.together > 1 {
            record.findings.append("\(report.together) API servers were down at once")
        }
        return value
    }

    /// The command line of what is declared now.
    func declared() async throws -> [String] {
        AtRest.applying(manifest: try await state.wish.manifest()) + state.wish.consent + archive.keeping
    }

    /// How many steps the plan has, which changes nothing; one where it is refused.
    private func steps(_ flags: [String]) async throws -> Int {
        struct Plan: Decodable {
            struct Step: Decodable {}
            let steps: [Step]
        }
        let inputs = AtRest.inputs(manifest: try await state.wish.manifest())
        let run = try await AtRest()(["plan", "-o", "json"] + inputs + flags)
        guard run.status != 4 else { return 1 }
        let plan = try JSONDecoder().decode(Plan.self, from: Data(run.checked("plan").utf8))
        return max(1, plan.steps.count)
    }

    /// A run, again while the lock is still that of one that was killed.
    private static func unlocked(_ arguments: [String]) async throws -> Finished {
        let deadline = ContinuousClock.now + .seconds(40)
        while true {
            let run = try await AtRest()(arguments)
            guard run.status == 4, run.errors.contains("the lock on "), ContinuousClock.now < deadline else {
                return run
            }
        }
    }
}

extension Campaign.Record {
    mutating func add(_ report: LedgerReport) {
        reads += report.reads
        writes += report.writes
        failedReads += report.failedReads.count
        lostObjects += report.wrong.count
        findings += report.failedReads.prefix(3).map { "a read failed: \($0)" }
        findings += report.failedWrites.prefix(3).map { "a write failed: \($0)" }
        findings += report.wrong.prefix(3)
    }

    /// The run without faults, which must do all that is left.
    mutating func take(_ run: Finished, _ keys: [StoredKey]) {
        statuses.append(run.status)
        if run.status != 0 {
            findings.append("the run behind the faults ended with \(run.status): \(run.errors.suffix(1500))")
        }
        expectNothingSaid(by: run.output + run.errors, keys)
    }

    /// A run that failed says why, in words, and what to do.
    mutating func expectAnswer(_ outcome: FaultyRun.Outcome) {
        let allowed: Set<Int32> = [0, 1, 4, 5, 128 + 9]
        if !allowed.contains(outcome.status) || outcome.status == 128 + 9 && !struck.contains(.killedRun) {
            findings.append("the run under faults ended with \(outcome.status): \(outcome.errors.suffix(1500))")
        }
        // What it did last is no reason.
        let last = outcome.errors.split(separator: "\n").last ?? ""
        if [1, 4, 5].contains(outcome.status), last.isEmpty || last.hasPrefix("[") {
            findings.append("no error was said: \(outcome.errors.suffix(1500))")
        }
    }

    /// Neither a key nor a Secret's value.
    mutating func expectNothingSaid(by text: String, _ keys: [StoredKey]) {
        for key in keys where text.contains(key.secret) { findings.append("a run printed the key \(key.name)") }
        if text.contains("atrest-ledger-") || text.contains("seeded-") {
            findings.append("a run printed a Secret's value")
        }
    }

    mutating func expectNothingLeft(in home: String, _ keys: [StoredKey]) throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: home)
        for file in files {
            guard let content = try? String(contentsOfFile: "\(home)/\(file)", encoding: .utf8) else { continue }
            for key in keys where content.contains(key.secret) {
                findings.append("\(file) at the operator's has \(key.name)")
            }
        }
    }
}
