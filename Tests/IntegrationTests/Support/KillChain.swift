import FoundationEssentials
import Testing

/// Where a run is killed.
enum Moment: Sendable {
    /// Right behind the step whose line has these words.
    case behind(String)
    /// While that step is under way on a host: what a rollback would need stands there.
    case within(String, on: String)
    /// While objects are being rewritten.
    case rewriting

    func isMet(by line: String) async throws -> Bool {
        switch self {
        case .behind(let step):
            return line.contains(step) && line.contains(Self.end)
        case .within(let step, let host):
            guard line.contains(step), !line.contains(Self.end) else { return false }
            try await Sandbox.waitUntil("the step on \(host) is under way") {
                FileManager.default.fileExists(atPath: "\(Sandbox.state)/hosts/\(host)/atrest/rollback")
            }
            return true
        case .rewriting:
            return line.hasPrefix("rewriting: ")
        }
    }

    static let end = ": done in"
}

/// The same command again and again, each run killed.
struct KillChain {
    let arguments: [String]
    private(set) var runs: [AtRest.Watched] = []
    /// The name of every key that was in any host's file behind any of the runs.
    private(set) var keyNames: Set<String> = []

    init(_ arguments: [String]) {
        self.arguments = arguments
    }

    /// One run for each moment, killed there; or, in the longer form, within and behind every step.
    mutating func run(killedAt moments: [Moment], or atEveryStep: Bool = false) async throws {
        if atEveryStep { return try await runKilledBehindEveryStep { _ in true } }
        for moment in moments {
            let run = try await run { try await moment.isMet(by: $0) }
            try #require(run.status == Self.killed, "\(moment): \(run.output)\n\(run.lines)")
        }
    }

    /// A run for every step, killed right behind it, the last one behind the last step of all; and before it another one, killed
    /// as that step begins, where `alsoWithin` is true for the step's number.
    mutating func runKilledBehindEveryStep(alsoWithin: (Int) -> Bool) async throws {
        for number in 1...Self.limit {
            if alsoWithin(number) { _ = try await run { $0.hasPrefix("[1/") } }
            let run = try await run { $0.hasPrefix("[1/") && $0.contains(Moment.end) }
            // Old API servers may end by themselves between two runs, and their end have been all that was left.
            if run.output.hasPrefix("Nothing to do") { return }
            let isLast = run.lines.contains { $0.hasPrefix("[1/1] ") }
            // A line that had to wait for its second may come as the run ends.
            try #require(
                run.status == Self.killed || isLast && run.status == 0, "step \(number): \(run.output)\n\(run.lines)")
            if isLast { return }
        }
        Issue.record("the command does not come to an end: \(runs.last?.output ?? "")")
    }

    /// Far more than any change of three hosts has steps.
    private static let limit = 40
    private static let killed: Int32 = 128 + 9

    private mutating func run(
        killedAt isMet: @escaping @Sendable (String) async throws -> Bool
    ) async throws -> AtRest.Watched {
        let run = try await AtRest().watched(arguments) { try await isMet($0) ? .kill : .goOn }
        runs.append(run)
        keyNames.formUnion(try await Sandbox.keys().map(\.name))
        return run
    }
}
