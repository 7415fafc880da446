import Reconciliation

/// Every run of a decider from one cluster, with the operator's mind changed behind any step.
struct WishSearch {
    let wishes: [DesiredEncryption]
    /// Why an API server would not load a host's file.
    let loadProblem: (ObservedHost) -> String?
    var decider = { (cluster: ObservedCluster, wish: DesiredEncryption) in
        decide(cluster, wish, freshKey: CustomTests.fresh)
    }
    /// What may befall the cluster between any look and its step, or behind it; nil where it has.
    var mishap: (ObservedCluster) -> ObservedCluster? = { _ in nil }
    /// What is wrong with a cluster on which nothing is left to do.
    var unfinished: (ObservedCluster, DesiredEncryption) -> String? = { _, _ in nil }

    struct Outcome {
        var problem: String?
        var refusals: Set<Refusal> = []
        var states = 0
    }

    private struct Moment: Hashable {
        var cluster: ObservedCluster
        let wish: DesiredEncryption
        /// How often the operator may still want something else.
        let changes: Int
    }

    func outcome(from start: ObservedCluster, changes: Int) -> Outcome {
        var seen: Set<Moment> = []
        var open = wishes.map { Moment(cluster: start, wish: $0, changes: changes) }
        var outcome = Outcome()
        while let now = open.popLast() {
            guard seen.insert(now).inserted else { continue }
            outcome.states = seen.count
            outcome.problem = problem(now.cluster)
            if outcome.problem != nil { return outcome }
            if now.changes > 0 {
                open += wishes.map { Moment(cluster: now.cluster, wish: $0, changes: now.changes - 1) }
            }
            let befallen = mishap(now.cluster)
            if let befallen { open.append(Moment(cluster: befallen, wish: now.wish, changes: now.changes)) }
            // Without this no run gets past what its old processes write.
            for index in now.cluster.hosts.indices where now.cluster.hosts[index].lingering != .none {
                var next = now
                next.cluster.hosts[index].lingering = .none
                open.append(next)
            }
            switch decider(now.cluster, now.wish) {
            case .done: outcome.problem = unfinished(now.cluster, now.wish)
            case .refuse(let refusal): outcome.refusals.insert(refusal)
            case .perform(let step, _):
                for var next in [now.cluster, befallen].compactMap(\.self) {
                    next.succeed(in: step, for: now.wish)
                    open.append(Moment(cluster: next.written, wish: now.wish, changes: now.changes))
                }
            }
            if outcome.problem != nil { return outcome }
        }
        return outcome
    }

    /// I1 and I2: every process reads everything that is stored; and every file can be loaded.
    func problem(_ cluster: ObservedCluster) -> String? {
        for host in cluster.hosts {
            if let problem = loadProblem(host) { return "\(host.name) cannot load \(host.file): \(problem)" }
            for configuration in host.processes {
                for (resource, objects) in cluster.stored {
                    let readable = Set(configuration.keyRing(for: resource).keys.map(\.storedForm))
                    if let form = objects.forms.subtracting(readable).min() {
                        return "\(host.name) cannot read \(resource) stored as \(form)"
                    }
                }
            }
        }
        return nil
    }
}

extension ObservedCluster {
    /// Hosts as if every process from before had ended, so that no state is only that of a wait.
    static func unencrypted(hosts: Int, holding resources: [ResourceName]) -> ObservedCluster {
        ObservedCluster(
            hosts: (1...hosts).map {
                ObservedHost(name: HostName("cp\($0)"), file: .absent, isFlagged: false, loaded: .disk)
            },
            stored: Dictionary(
                uniqueKeysWithValues: resources.map { ($0, StoredObjects(count: 9, forms: [.plaintext])) }),
            kubeadm: .absent)
    }

    /// With what clients may write meanwhile: through any process, old or new.
    var written: ObservedCluster {
        var cluster = self
        for configuration in hosts.flatMap(\.processes) {
            for resource in stored.keys {
                cluster.stored[resource]?.forms.insert(configuration.keyRing(for: resource).writeKey.storedForm)
            }
        }
        return cluster
    }
}

extension ObservedHost {
    /// What its API server processes have loaded, the new one's first.
    fileprivate var processes: [EncryptionConfiguration] {
        var configurations = [inForce].compactMap(\.self)
        if case .holding(let old) = lingering { configurations.append(old) }
        return configurations
    }
}
