import FoundationEssentials
import Synchronization

/// One run of atrest under faults.
struct FaultyRun: Sendable {
    let arguments: [String]
    let faults: [PlannedFault]
    /// How many steps its plan has.
    let steps: Int

    struct Outcome: Sendable {
        /// 128 and the signal's number where it was killed.
        let status: Int32
        let output: String
        let errors: String
        /// The faults that it lived to see.
        let struck: [PlannedFault]
        /// The operator's home behind it.
        let home: String
    }

    func callAsFunction() async throws -> Outcome {
        let standing = faults.filter(\.fault.isStanding)
        return try await surrounded(by: standing[...], Surroundings()) { surroundings in
            try await started(with: standing, surroundings)
        }
    }

    private func surrounded(
        by standing: ArraySlice<PlannedFault>, _ surroundings: Surroundings,
        _ body: @escaping @Sendable (Surroundings) async throws -> Outcome
    ) async throws -> Outcome {
        guard let first = standing.first else { return try await body(surroundings) }
        return try await first.during(surroundings) { changed in
            try await surrounded(by: standing.dropFirst(), changed, body)
        }
    }

    private func started(with standing: [PlannedFault], _ surroundings: Surroundings) async throws -> Outcome {
        let due = Mutex(faults.filter { !$0.fault.isStanding }.sorted { $0.instant < $1.instant })
        let struck = Mutex(standing)
        let atrest = try AtRest(surroundings.environment)
        let result = await Result {
            try await within(Self.longest) {
                try await atrest.watched(arguments) { line in
                    guard let begun = step(of: line) else { return .goOn }
                    let now = due.withLock { due in
                        let now = due.filter { begun >= 1 + Int($0.instant * Double(steps)) }
                        due.removeFirst(now.count)
                        return now
                    }
                    guard !now.isEmpty else { return .goOn }
                    return .disturb { process in
                        for fault in now {
                            try await Task.sleep(for: .milliseconds(fault.milliseconds * min(steps, 6) / 6))
                            guard AtRest.isAlive(process) else { return false }
                            struck.withLock { $0.append(fault) }
                            try await fault.strike(process)
                            if fault.fault == .killedRun { return true }
                        }
                        return false
                    }
                }
            }
        }
        let all = struck.withLock(\.self)
        for fault in all { try await fault.heal() }
        let run = try result.get()
        return Outcome(
            status: run.status, output: run.output, errors: run.lines.joined(separator: "\n"), struck: all,
            home: atrest.home)
    }

    /// Whatever goes wrong, a run ends by itself; over a bad network each step takes a minute.
    private static let longest = Duration.seconds(1800)

    /// Which step a line of the run's log is about: `[3/12] cp1: …`.
    private func step(of line: String) -> Int? {
        guard line.hasPrefix("["), let end = line.firstIndex(of: "/") else { return nil }
        return Int(line[line.index(after: line.startIndex)..<end])
    }

    private func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw CommandFailed(description: "the run had not ended after \(limit): \(arguments)")
            }
            return value
        }
    }
}
