internal import Reconciliation

/// A plan for programs; a field is left out where what it says is not known or does not apply.
struct PlanJSON: Encodable {
    let cluster: String
    /// What the manifest asks for.
    let declared: EncryptionMode
    let hasChanges: Bool
    /// False where more follows that is planned only once an API server serves.
    let isComplete: Bool
    let interruption: String?
    let stored: [Stored]
    let keys: [PlannedKeyJSON]
    let steps: [PlanStepJSON]
    let summary: Summary
    let warnings: [String]
    let notes: [String]
    /// Hosts whose API server does not serve, where none does.
    let outage: [Outage]?

    struct Stored: Encodable {
        let resource: String
        let objects: Int
        let storedAs: [String]
    }

    struct Summary: Encodable {
        let restarts: Int
        /// The most of one host.
        let restartsPerHost: Int
        let objects: Int
        let watchEvents: Int
        let addedBytes: Int?
        let databaseBytes: Int?
        let quotaBytes: Int?
    }

    struct Outage: Encodable {
        let host: String
        let failingChecks: [String]
    }
}

extension PlanJSON {
    init(_ report: PlanReport) {
        let restarts = report.restarts.map(\.count)
        let room = report.rewrites.isEmpty ? nil : report.observed.room
        cluster = report.clusterName
        declared = EncryptionMode(report.intent.desired)
        hasChanges = !report.plan.isEmpty
        isComplete = true
        interruption = report.interruption?.word
        stored = report.observed.stored.sorted { $0.key < $1.key }.map { resource, objects in
            Stored(
                resource: resource.text, objects: objects.count, storedAs: objects.forms.sorted().map(\.description))
        }
        keys = report.keys.map(PlannedKeyJSON.init)
        steps = report.sections.flatMap { section in
            section.indices.map { PlanStepJSON(report, at: $0, round: section.round) }
        }
        summary = Summary(
            restarts: restarts.reduce(0, +), restartsPerHost: restarts.max() ?? 0, objects: report.objects,
            watchEvents: report.objects, addedBytes: room == nil ? nil : report.addedBytes, databaseBytes: room?.size,
            quotaBytes: room?.quota)
        warnings = report.warnings
        notes = report.fromArchive + report.intent.notes
        outage = nil
    }

    /// For a cluster of which no API server serves: the host that is put back, and nothing of what follows.
    init(
        clusterName: String, declared: EncryptionMode, failing: [(host: HostName, checks: [String])], host: HostName
    ) {
        cluster = clusterName
        self.declared = declared
        hasChanges = true
        isComplete = false
        interruption = nil
        (stored, keys) = ([], [])
        steps = [PlanStepJSON(puttingBack: host)]
        summary = Summary(
            restarts: 1, restartsPerHost: 1, objects: 0, watchEvents: 0, addedBytes: nil, databaseBytes: nil,
            quotaBytes: nil)
        warnings = []
        notes = ["what is left to do is planned once an API server serves"]
        outage = failing.map { Outage(host: $0.host.text, failingChecks: $0.checks) }
    }
}

extension EncryptionMode {
    fileprivate init(_ desired: DesiredEncryption) {
        switch desired {
        case .disabled: self = .disabled
        case .managed: self = .managed
        case .custom: self = .custom
        }
    }
}
