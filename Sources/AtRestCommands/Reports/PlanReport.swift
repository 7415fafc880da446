internal import Reconciliation

/// A plan, and what it comes to.
struct PlanReport: Sendable {
    let clusterName: String
    let observed: ObservedCluster
    let intent: EncryptionIntent
    let plan: Plan
    /// The one that this run made, whether the plan uses it or not.
    let freshKey: Key
    /// Seconds since 1970.
    let now: Int
    /// The cluster behind the last step.
    let final: ObservedCluster

    init(
        clusterName: String, observed: ObservedCluster, intent: EncryptionIntent, plan: Plan, freshKey: Key, now: Int
    ) {
        self.clusterName = clusterName
        self.observed = observed
        self.intent = intent
        self.plan = plan
        self.freshKey = freshKey
        self.now = now
        let desired = intent.desired.resolved(by: observed)
        final = plan.items.reduce(into: observed) { $0.succeed(in: $1.step, for: desired) }
    }

    /// How often each host's API server restarts, in the hosts' order; hosts without a control plane are left out.
    var restarts: [(host: HostName, count: Int)] {
        observed.hosts.filter { $0.health != .notJoined }.map { host in
            let count = plan.items.count { item in
                if case .configure(host.name, _, _) = item.step { true } else { false }
            }
            return (host.name, count)
        }
    }

    var rewrites: [Step.Rewrite] {
        plan.items.flatMap { item -> [Step.Rewrite] in
            if case .rewrite(let rewrites) = item.step { rewrites } else { [] }
        }
    }

    /// How many objects there are of a resource that is rewritten.
    func objects(of rewrite: Step.Rewrite) -> Int { observed.stored[rewrite.resource]?.count ?? 0 }

    /// True where some of them are already stored as they are to be; how many, nobody has counted.
    func isPartlyDone(_ rewrite: Step.Rewrite) -> Bool {
        observed.stored[rewrite.resource]?.forms.contains(rewrite.key.storedForm) == true
    }

    /// The most objects that are stored once more: so many watch events, and so many requests in an audit log.
    var objects: Int { rewrites.reduce(0) { $0 + objects(of: $1) } }

    /// What a rewrite adds to etcd's database, by the mean size of an object; nil where that is not known.
    var addedBytes: Int? { observed.room.map { $0.bytesPerObject * objects } }

    /// What is wrong on the host that an item changes; empty behind its first item.
    func findings(for item: Plan.Item, at index: Int) -> [HostFinding] {
        guard let name = item.step.host, let host = observed.hosts.first(where: { $0.name == name }),
            !plan.items[..<index].contains(where: { $0.step.host == name })
        else { return [] }
        return observed.findings(on: host)
    }
}
