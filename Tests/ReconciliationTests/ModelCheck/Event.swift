/// One transition of the model.
enum Event: Hashable {
    // Clients and processes, at any time
    case clientWrites(key: Int)
    case formVanishes(key: Int)
    case oldProcessEnds(host: Int, Catalog.Number)
    case kubeletStops(host: Int)
    case processStarts(host: Int)
    case joins(host: Int)
    // Faults
    case snapshotRestored
    case kubeletDoesNothing(host: Int)
    case containerRestarts(host: Int)
    case readinessFails
    case runDies
    // The operator's run
    case runStarts(ModelWish)
    case runDecides
    case stepProceeds
    case rewriteEnds(host: Int)
}

extension Event {
    /// The event in words; its numbers are those of the state that it happened in.
    func describe(in state: ClusterState, _ observer: Observer) -> String {
        let catalog = observer.catalog
        return switch self {
        case .clientWrites(let key): "a client's write is stored under \(catalog.describe(catalog.key(key)))"
        case .formVanishes(let key):
            "clients replace or delete the last object under \(catalog.describe(catalog.key(key)))"
        case .oldProcessEnds(let host, let configuration):
            "cp\(host + 1): the old process with \(catalog.describe(configuration)) ends"
        case .kubeletStops(let host):
            "cp\(host + 1): the kubelet stops the process with \(catalog.describe(state[host].serving)); it lingers"
        case .processStarts(let host):
            "cp\(host + 1): a process starts and loads \(catalog.describe(state[host].onDisk))"
        case .joins(let host): "cp\(host + 1): joins the cluster"
        case .snapshotRestored: "a snapshot under \(catalog.describe(catalog.key(Scenario.restoredKey))) is restored"
        case .kubeletDoesNothing(let host): "cp\(host + 1): the restart silently does nothing"
        case .containerRestarts(let host):
            "cp\(host + 1): the container restarts by itself and loads \(catalog.describe(state[host].onDisk))"
        case .readinessFails: "the new process of cp\(state.stepHost + 1) does not become ready: the run rolls back"
        case .runDies: "the run is killed"
        case .runStarts(let wish): "a run starts: \(wish)"
        case .runDecides: "the run decides: " + observer.decide(state).describe(catalog)
        case .stepProceeds: "the run " + state.run.describeNext(on: "cp\(state.stepHost + 1)")
        case .rewriteEnds(let host): "the rewrite ends, the last objects through cp\(host + 1)"
        }
    }
}

extension RunPoint {
    /// What a run does next that is here.
    fileprivate func describeNext(on host: String) -> String {
        switch self {
        case .none, .deciding, .rewriting: "decides"
        case .configuring: "writes the file of \(host) (to remove it: takes the flag from the manifest)"
        case .fileWritten: "records the write on \(host)"
        case .writeRecorded: "writes the manifest of \(host)"
        case .awaitingProcess: "finds the postcondition true on \(host)"
        case .rollingBack: "puts the file of \(host) back (where there was none: takes the flag from the manifest)"
        case .rollbackFileWritten: "records that on \(host)"
        case .rollbackRecorded: "puts the manifest of \(host) back"
        case .awaitingRollback: "finds \(host) as it was, and stops"
        case .staging: "stages the file on \(host)"
        case .settling: "sees no old process any more"
        case .recording: "records in kubeadm"
        case .unrecording: "removes from kubeadm"
        }
    }
}

extension ModelDecision {
    func describe(_ catalog: Catalog) -> String {
        switch self {
        case .done: "done"
        case .refuse(let refusal): "refuse: \(refusal)"
        case .configure(let host, let target): "configure cp\(host + 1) with \(catalog.describe(target))"
        case .stage(let host, let target): "stage cp\(host + 1) with \(catalog.describe(target))"
        case .settle: "wait for old processes"
        case .record: "record in kubeadm"
        case .unrecord: "remove from kubeadm"
        case .rewrite(let key): "rewrite under \(catalog.describe(catalog.key(key)))"
        }
    }
}

extension ClusterState {
    func describe(_ observer: Observer) -> String {
        let hosts = (0..<observer.hostCount).map { "cp\($0 + 1) " + self[$0].describe(observer.catalog) }
        return (hosts + ["stored \(observer.catalog.describe(keys: stored))"]).joined(separator: "; ")
    }
}

extension HostState {
    fileprivate func describe(_ catalog: Catalog) -> String {
        var parts = ["disk \(catalog.describe(onDisk))"]
        if !isFlagged, file != Catalog.none { parts.append("unused file \(catalog.describe(file))") }
        parts.append("serving \(catalog.describe(serving))")
        for old in [lingering, lingeringToo] where old != Catalog.none {
            parts.append("lingering \(catalog.describe(old))")
        }
        return parts.joined(separator: ", ")
    }
}
