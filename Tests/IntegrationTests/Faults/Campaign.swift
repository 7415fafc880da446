import FoundationEssentials
import SystemPackage
import TestSupport

/// Random operations under random faults, on a live cluster with a client that keeps a ledger; see docs/reliability.md.
///
/// What the seed and an operation's number give is all that is random but for the keys: a campaign can be had again, and go on where it
/// ended.
struct Campaign: Sendable {
    /// Where it keeps what it needs to go on: the ledger, the archive, the snapshot's ledger.
    let directory: String
    let archive: OperatorsArchive
    private(set) var state: State

    struct State: Codable, Sendable {
        let seed: UInt64
        /// What the hosts were before the first operation, where it found no encryption.
        let plain: PlainCluster?
        var wish: Wish
        /// On the hosts.
        var snapshot: String?
        var records: [Record] = []
    }

    /// What became of one operation.
    struct Record: Codable, Sendable {
        let number: Int
        let operation: Operation
        let mode: Wish.Mode
        let faults: [PlannedFault]
        /// Those that the run lived to see.
        var struck: [Fault] = []
        /// Of the run under faults, and of the one behind it.
        var statuses: [Int32] = []
        var reads = 0
        var writes = 0
        var failedReads = 0
        var lostObjects = 0
        var lostKeys = 0
        var seconds = 0
        /// Whatever an invariant does not allow.
        var findings: [String] = []
    }

    /// Begins one on the sandbox, or goes on with the one that ended there.
    init(seed: UInt64, isResumed: Bool = false, beginsEncrypted: Bool = false) async throws {
        directory = Sandbox.state + "/faults"
        let file = directory + "/state.json"
        if isResumed {
            state = try JSONDecoder().decode(State.self, from: Data(contentsOf: URL(filePath: file)))
        } else {
            try? FileManager.default.removeItem(atPath: directory)
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            try await Sandbox.seed(400)
            if beginsEncrypted { try await Sandbox.ensureEncrypted() } else { try await Sandbox.ensureUnencrypted() }
            _ = try? await Sandbox.kubectl("create", "namespace", "ledger")
            _ = try await Sandbox.kubectl("-n", "ledger", "delete", "secrets", "--all")
            state = State(
                seed: seed, plain: beginsEncrypted ? nil : try await PlainCluster.now(),
                wish: Wish(mode: beginsEncrypted ? .managed : .disabled))
        }
        archive = try await OperatorsArchive(in: directory)
        // A host that was rebooted has none any more.
        try await Sandbox.kms("start")
    }

    /// One more operation, and everything that must hold behind it.
    mutating func step() async throws -> Record {
        let number = state.records.count + 1
        var generator = SplitMix(seed: state.seed &* 1000 &+ UInt64(number))
        let (wish, hasSnapshot) = (state.wish, state.snapshot != nil)
        let possible = Operation.allCases.filter { $0.isPossible(under: wish, hasSnapshot: hasSnapshot) }
        let operation = possible.randomElement(using: &generator) ?? .enable
        state.wish = operation.wish(from: wish, number: number, by: &generator)
        var record = Record(
            number: number, operation: operation, mode: state.wish.mode, faults: faults(of: number, by: &generator))
        let flags = operation.flags(archive, by: &generator)
        let begun = ContinuousClock.now
        try tell("operation \(number): \(operation), \(record.faults)")
        do {
            try await prepare(operation, by: &generator)
            try await carryOut(&record, flags)
            try await expectInvariants(&record)
        } catch {
            record.findings.append("\(error)")
        }
        record.seconds = Int((ContinuousClock.now - begun) / .seconds(1))
        if record.findings.isEmpty, [.disabled, .managed].contains(state.wish.mode),
            .random(in: 0..<3, using: &generator) == 0
        {
            try await saveSnapshot()
        }
        state.records.append(record)
        try save()
        try tell(
            "operation \(number): \(record.statuses), \(record.seconds) s, struck by \(record.struck.map(\.rawValue))")
        return record
    }

    /// One of each kind before any comes again, and now and then a second one.
    private func faults(of number: Int, by generator: inout SplitMix) -> [PlannedFault] {
        let all = Fault.allCases
        var dealer = SplitMix(seed: state.seed &+ UInt64((number - 1) / all.count))
        var faults = [all.shuffled(using: &dealer)[(number - 1) % all.count]]
        if .random(in: 0..<3, using: &generator) == 0, let second = all.randomElement(using: &generator),
            second != faults[0], second.proxyKind == nil || faults[0].proxyKind == nil
        {
            faults.append(second)
        }
        return faults.map { PlannedFault($0, by: &generator) }
    }

    private mutating func prepare(_ operation: Operation, by generator: inout SplitMix) async throws {
        switch operation {
        case .repair: try await damage(by: &generator)
        case .restore:
            guard let snapshot = state.snapshot else { return }
            try await Sandbox.restore(snapshot)
            state.snapshot = nil
            try? FileManager.default.removeItem(atPath: ledger.path)
            try FileManager.default.moveItem(atPath: snapshotLedger, toPath: ledger.path)
        default: break
        }
    }

    /// What somebody else does to a host, or to kubeadm's record, between two runs; nothing that stops the API servers from reading.
    private func damage(by generator: inout SplitMix) async throws {
        let host = Sandbox.hosts.randomElement(using: &generator) ?? "cp1"
        let file = state.wish.mode == .managed ? Sandbox.configurationFile : OwnConfiguration.path
        switch Int.random(in: 0..<(state.plain == nil ? 2 : 3), using: &generator) {
        case 0: _ = try await Sandbox.onHost(host, "rm \(file)")
        case 1: _ = try await Sandbox.onHost(host, "chmod 644 \(file); chmod 755 $(dirname \(file))")
        default: if let plain = state.plain { try await Sandbox.record(plain.recorded) }
        }
    }

    private mutating func saveSnapshot() async throws {
        if let old = state.snapshot { try await Sandbox.onEachHost { _, _ in "rm -f \(old)" } }
        state.snapshot = try await Sandbox.saveSnapshot()
        try? FileManager.default.removeItem(atPath: snapshotLedger)
        try FileManager.default.copyItem(atPath: ledger.path, toPath: snapshotLedger)
    }

    var ledger: Ledger { Ledger(path: directory + "/ledger.json") }
    private var snapshotLedger: String { directory + "/snapshot-ledger.json" }

    private func save() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(state).write(to: URL(filePath: directory + "/state.json"), options: .atomic)
        try Summary(state).row.write(toFile: directory + "/row.md", atomically: true, encoding: .utf8)
    }
}

/// A line for whoever watches, at once.
func tell(_ line: String) throws {
    _ = try FileDescriptor.standardError.writeAll((line + "\n").utf8)
}

extension Sandbox {
    /// Writes kubeadm's ClusterConfiguration as the cluster keeps it.
    fileprivate static func record(_ configuration: String) async throws {
        struct Patch: Encodable {
            let data: [String: String]
        }
        let patch = try JSONEncoder().encode(Patch(data: ["ClusterConfiguration": configuration]))
        _ = try await kubectl(
            "-n", "kube-system", "patch", "configmap", "kubeadm-config", "--type", "merge", "-p",
            String(decoding: patch, as: UTF8.self))
    }
}
