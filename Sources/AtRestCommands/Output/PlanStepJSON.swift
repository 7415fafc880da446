internal import Reconciliation

/// One step of a plan.
struct PlanStepJSON: Encodable {
    /// 1 to 4, and 5 for etcd's history; left out for a step outside of the rounds.
    let round: Int?
    let kind: String
    let host: String?
    /// Where several are waited for or tidied up.
    let hosts: [String]?
    let reason: String
    /// True where the host's API server restarts.
    let restarts: Bool
    /// What the host's configuration file has behind the step; empty where there is none any more.
    let keys: [KeyRingJSON]?
    let rewrites: [Rewrite]?
    /// The etcd member whose history is purged, by etcd's own name for it.
    let member: String?

    struct Rewrite: Encodable {
        let resource: String
        /// At most.
        let objects: Int
        let write: String
    }

    init(_ report: PlanReport, at index: Int, round: Int?) {
        let item = report.plan.items[index]
        let found = report.findings(for: item, at: index)
        self.round = round
        kind = item.step.kind
        host = item.step.host?.text
        reason = report.because(item, found: found, naming: KeyLabels([]))
        if case .purgeHistory(let name) = item.step { member = name } else { member = nil }
        switch item.step {
        case .configure(_, let target, _):
            (restarts, keys, hosts, rewrites) = (true, target.configuration.json, nil, nil)
        case .stage(_, let target):
            (restarts, keys, hosts, rewrites) = (false, target.configuration.json, nil, nil)
        case .settle(let waiting), .tidy(let waiting):
            (restarts, keys, hosts, rewrites) = (false, nil, waiting.map(\.text), nil)
        case .recordInKubeadm, .removeFromKubeadm, .purgeHistory:
            (restarts, keys, hosts, rewrites) = (false, nil, nil, nil)
        case .rewrite(let all):
            let found = all.map {
                Rewrite(resource: $0.resource.text, objects: report.objects(of: $0), write: "\($0.key)")
            }
            (restarts, keys, hosts, rewrites) = (false, nil, nil, found)
        }
    }

    /// The step that undoes another, where no API server serves.
    init(puttingBack host: HostName) {
        round = nil
        kind = "putBack"
        self.host = host.text
        hosts = nil
        reason = "an earlier run died in the middle of a step, and no API server serves"
        restarts = true
        keys = nil
        rewrites = nil
        member = nil
    }
}

/// What becomes of a key.
struct PlannedKeyJSON: Encodable {
    let provider: String
    let name: String
    /// By the time in its name.
    let ageSeconds: Int64?
    let role: PlannedKey.Role
    /// Made by this run; `apply` makes one of another name.
    let isFresh: Bool
    let writesBefore: [String]
    let writesAfter: [String]
    let archiveFile: String?

    init(_ planned: PlannedKey) {
        provider = planned.key.providerName
        name = planned.key.name
        ageSeconds = planned.isFresh ? 0 : planned.age?.components.seconds
        role = planned.role
        isFresh = planned.isFresh
        writesBefore = planned.writesBefore.map(\.text)
        writesAfter = planned.writesAfter.map(\.text)
        archiveFile = planned.archiveFile
    }
}
