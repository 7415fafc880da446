import Reconciliation

/// What must hold in every reachable state; each property says what is wrong, or nothing.
struct Invariants {
    let transitions: Transitions

    private var observer: Observer { transitions.observer }
    private var catalog: Catalog { observer.catalog }

    func violation(in state: ClusterState) -> String? {
        unreadable(state) ?? lost(state) ?? downHosts(state) ?? tooManyKeys(state) ?? falseObservation(state)
            ?? (state.run == .deciding ? wrongDecision(state) : nil)
    }

    /// I1 and I2: what is stored, or may be written now, is readable by every process, and by any that would start now.
    func unreadable(_ state: ClusterState) -> String? {
        var needed = state.stored | transitions.writable(state)
        for index in transitions.hosts where state[index].isJoined {
            needed |= catalog.writable[Int(state[index].onDisk)]
        }
        return unreadableByProcess(needed, state) ?? unreadableFromDisk(needed, state)
    }

    /// I1 alone, where a foreign tool left what no process can load without harm.
    func unreadableByProcess(_ state: ClusterState) -> String? {
        unreadableByProcess(state.stored | transitions.writable(state), state)
    }

    /// I1 beside a restored snapshot, which was unreadable before any run began.
    func unreadableBesideSnapshot(_ state: ClusterState) -> String? {
        unreadableByProcess(
            (state.stored | transitions.writable(state)) & ~(1 << Catalog.KeySet(Scenario.restoredKey)), state)
    }

    private func unreadableByProcess(_ needed: Catalog.KeySet, _ state: ClusterState) -> String? {
        for index in transitions.hosts where state[index].isJoined {
            let host = state[index]
            let violation =
                unreadable(needed, by: host.serving) ?? unreadable(needed, by: host.lingering)
                ?? unreadable(needed, by: host.lingeringToo)
            if let violation { return "cp\(index + 1) \(violation)" }
        }
        return nil
    }

    private func unreadableFromDisk(_ needed: Catalog.KeySet, _ state: ClusterState) -> String? {
        for index in transitions.hosts where state[index].isJoined {
            let host = state[index]
            if host.onDisk == Catalog.none, host.isRestarting || host.serving != Catalog.none {
                return "cp\(index + 1) cannot start with what is on its disk"
            }
            if let violation = unreadable(needed, by: host.onDisk) { return "cp\(index + 1) \(violation)" }
        }
        return nil
    }

    private func unreadable(_ needed: Catalog.KeySet, by number: Catalog.Number) -> String? {
        let missing = number == Catalog.none ? 0 : needed & ~catalog.readable[Int(number)]
        guard missing != 0 else { return nil }
        return "with \(catalog.describe(number)) can not read \(catalog.describe(keys: missing))"
    }

    /// I2: the secret of every key that something is stored under stands on some disk.
    func lost(_ state: ClusterState) -> String? {
        let lost = state.stored & ~onDisks(state)
        return lost == 0 ? nil : "\(catalog.describe(keys: lost)) is on no disk"
    }

    private func onDisks(_ state: ClusterState) -> Catalog.KeySet {
        let archived: Catalog.KeySet = observer.hasArchive ? 1 << Catalog.KeySet(Scenario.restoredKey) : 0
        return transitions.hosts.reduce(1 | archived) { keys, index in
            keys | catalog.readable[Int(state[index].file)] | catalog.readable[Int(state[index].savedFile)]
        }
    }

    /// I6.
    func downHosts(_ state: ClusterState) -> String? {
        let down = transitions.hosts.count { state[$0].isRestarting }
        return down > 1 ? "\(down) hosts are down because of us" : nil
    }

    /// I3: what was begun is finished before another key is made.
    private func tooManyKeys(_ state: ClusterState) -> String? {
        var keys: Catalog.KeySet = 0
        for index in transitions.hosts { keys |= catalog.readable[Int(state[index].file)] }
        return (keys & ~1).nonzeroBitCount > 2 ? "the files hold \(catalog.describe(keys: keys))" : nil
    }

    /// The model's own honesty: nobody may take a configuration for loaded that is not.
    private func falseObservation(_ state: ClusterState) -> String? {
        if observer.takesDiskForLoaded { return nil }
        let lying = transitions.hosts.first { index in
            observer.loaded(state[index]) == .disk && state[index].serving != state[index].onDisk
        }
        return lying.map { "cp\($0 + 1) is taken to have loaded its disk" }
    }

    func wrongDecision(_ state: ClusterState) -> String? {
        switch observer.decide(state) {
        case .done: unfinished(state)
        case .refuse(.nothingToRotate) where state.wish == .rotate: nil
        case .refuse(let refusal): "refused: \(refusal)"
        case .configure(_, let target), .stage(_, let target): withoutSecret(target, state)
        default: nil
        }
    }

    /// A file can only be written with keys whose secrets are at hand.
    private func withoutSecret(_ target: Catalog.Number, _ state: ClusterState) -> String? {
        let fresh: Catalog.KeySet = state.freshKey == 0 ? 0 : 1 << Catalog.KeySet(state.freshKey)
        let unknown = catalog.readable[Int(target)] & ~(onDisks(state) | fresh)
        return unknown == 0 ? nil : "no secret is known for \(catalog.describe(keys: unknown))"
    }

    /// Whether all is as wished where `decide` says that it is.
    func unfinished(_ state: ClusterState) -> String? {
        let wanted = state.wish == .disable ? 0 : catalog.writeKey[Int(state[0].file)]
        if state.wish != .disable, wanted == 0 { return "done, but nothing is encrypted" }
        if state.wish == .rotate, wanted != state.freshKey { return "done, but the key is not the fresh one" }
        if state.stored & ~(1 << Catalog.KeySet(wanted)) != 0 {
            return "done, but stored under \(catalog.describe(keys: state.stored))"
        }
        if state.isInKubeadm != (state.wish != .disable) { return "done, but kubeadm's record is wrong" }
        let allowed: Catalog.KeySet = 1 | 1 << Catalog.KeySet(wanted)
        for index in transitions.hosts {
            let host = state[index]
            if catalog.readable[Int(host.file)] & ~allowed != 0 || state.wish == .disable && host.file != Catalog.none {
                return "done, but cp\(index + 1) has the file \(catalog.describe(host.file))"
            }
            guard host.isJoined else { continue }
            if host.serving != host.onDisk || host.isFlagged != (state.wish != .disable) {
                return "done, but cp\(index + 1) serves with \(catalog.describe(host.serving))"
            }
            for number in [host.serving, host.lingering, host.lingeringToo]
            where number != Catalog.none && catalog.writeKey[Int(number)] != wanted {
                return "done, but a process of cp\(index + 1) writes with \(catalog.describe(number))"
            }
        }
        return nil
    }
}
