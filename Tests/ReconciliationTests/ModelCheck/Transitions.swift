/// Everything that can happen next.
struct Transitions {
    let scenario: Scenario
    let observer: Observer

    var catalog: Catalog { observer.catalog }
    var hosts: Range<Int> { 0..<scenario.hostCount }

    typealias Successors = [(event: Event, state: ClusterState)]

    func successors(of state: ClusterState) -> Successors {
        var next: Successors = []
        addClients(state, to: &next)
        for host in hosts { addHost(host, state, to: &next) }
        if state.run == .none {
            if scenario.kubeletMayLag || !hosts.contains(where: { state[$0].awaitsKubelet }) {
                for wish in scenario.wishes {
                    if let begun = beginning(wish, in: state) { next.append((.runStarts(wish), begun)) }
                }
            }
        } else {
            addRun(state, to: &next)
        }
        if state.faultsLeft > 0 { addFaults(state, to: &next) }
        for index in next.indices {
            if scenario.clientsAlwaysWrite { next[index].state.stored |= writable(next[index].state) }
            normalize(&next[index].state)
        }
        return next
    }

    // Clients

    private func addClients(_ state: ClusterState, to next: inout Successors) {
        if scenario.clientsAlwaysWrite { return }
        let writable = writable(state)
        for key in 0..<Catalog.keyLimit {
            let bit: Catalog.KeySet = 1 << Catalog.KeySet(key)
            var changed = state
            if state.stored & bit != 0 {
                changed.stored &= ~bit
                next.append((.formVanishes(key: key), changed))
            } else if writable & bit != 0 {
                changed.stored |= bit
                next.append((.clientWrites(key: key), changed))
            }
        }
    }

    /// The keys that some process may write with now.
    func writable(_ state: ClusterState) -> Catalog.KeySet {
        var keys: Catalog.KeySet = 0
        for index in hosts {
            let host = state[index]
            keys |= catalog.writable[Int(host.serving)] | catalog.writable[Int(host.lingering)]
            keys |= catalog.writable[Int(host.lingeringToo)]
        }
        return keys
    }

    // Hosts

    private func addHost(_ index: Int, _ state: ClusterState, to next: inout Successors) {
        let host = state[index]
        func add(_ event: Event, _ change: (inout HostState) -> Void) {
            var changed = state
            change(&changed[index])
            next.append((event, changed))
        }
        guard host.isJoined else {
            return add(.joins(host: index)) { $0.join(flagged: state.isInKubeadm) }
        }
        if host.lingering != Catalog.none {
            add(.oldProcessEnds(host: index, host.lingering)) { $0.endLingering(host.lingering) }
        }
        if host.lingeringToo != Catalog.none {
            add(.oldProcessEnds(host: index, host.lingeringToo)) { $0.endLingering(host.lingeringToo) }
        }
        if host.awaitsKubelet, let stopped = host.stopped() {
            add(.kubeletStops(host: index)) { $0 = stopped }
        }
        if host.serving == Catalog.none, host.onDisk != Catalog.none {
            add(.processStarts(host: index)) { $0.start() }
        }
    }

    // Faults

    private func addFaults(_ state: ClusterState, to next: inout Successors) {
        var after = state
        if scenario.faults != nil { after.faultsLeft -= 1 }
        for index in hosts where state[index].isJoined {
            var changed = after
            if state[index].awaitsKubelet {
                changed[index].awaitsKubelet = false
                next.append((.kubeletDoesNothing(host: index), changed))
            }
            changed = after
            if state[index].serving != Catalog.none {
                changed[index].restartByItself()
                if changed[index] != state[index] { next.append((.containerRestarts(host: index), changed)) }
            }
        }
        guard state.run != .none else {
            if scenario.restores { next.append((.snapshotRestored, restoring(after))) }
            return
        }
        let host = state[state.stepHost]
        if state.run == .awaitingProcess, host.isSaved, host.saved != Catalog.none {
            var changed = after
            changed.run = .rollingBack
            next.append((.readinessFails, changed))
        }
        after.endRun()
        next.append((.runDies, after))
    }

    /// Every API server is ended before etcd gets its old state, and started behind it.
    private func restoring(_ state: ClusterState) -> ClusterState {
        var restored = state
        restored.stored = 1 << Catalog.KeySet(Scenario.restoredKey)
        restored.isInKubeadm = true
        for index in hosts where state[index].isJoined {
            while restored[index].lingering != Catalog.none { restored[index].endLingering(restored[index].lingering) }
            restored[index].knowsServing = false
            restored[index].servedWhenSaved = false
            restored[index].start()
        }
        return restored
    }

    // The run

    private func addRun(_ state: ClusterState, to next: inout Successors) {
        switch state.run {
        case .deciding:
            next.append((.runDecides, deciding(state)))
        case .rewriting:
            for index in hosts where state[index].serving != Catalog.none {
                next.append((.rewriteEnds(host: index), rewriting(state, through: index)))
            }
        default:
            if let after = proceeding(state) { next.append((.stepProceeds, after)) }
        }
    }

    /// Renames the keys so that none is left out between them: names matter by their order alone.
    func normalize(_ state: inout ClusterState) {
        let used = used(state)
        let own = used >> Catalog.KeySet(catalog.firstOwnKey)
        guard own & (own &+ 1) != 0 else { return }
        func rename(_ number: inout Catalog.Number) { number = catalog.renaming(number, used: used) }
        func rename(_ key: inout Int) { key = catalog.rank(of: key, in: used) }
        for index in hosts {
            rename(&state[index].file)
            rename(&state[index].serving)
            rename(&state[index].lingering)
            rename(&state[index].lingeringToo)
            rename(&state[index].savedFile)
            state[index].sortLingering()
        }
        rename(&state.stepTarget)
        rename(&state.stepKey)
        if state.freshKey != 0 { rename(&state.freshKey) }
        var stored: Catalog.KeySet = 0
        for key in 0..<Catalog.keyLimit where state.stored & 1 << Catalog.KeySet(key) != 0 {
            stored |= 1 << Catalog.KeySet(catalog.rank(of: key, in: used))
        }
        state.stored = stored
    }

    /// Every key that anything holds.
    func used(_ state: ClusterState) -> Catalog.KeySet {
        var used = state.stored | catalog.readable[Int(state.stepTarget)] | 1
        used |= 1 << Catalog.KeySet(state.freshKey) | 1 << Catalog.KeySet(state.stepKey)
        for index in hosts {
            let host = state[index]
            used |= catalog.readable[Int(host.file)] | catalog.readable[Int(host.serving)]
            used |= catalog.readable[Int(host.lingering)] | catalog.readable[Int(host.lingeringToo)]
            used |= catalog.readable[Int(host.savedFile)]
        }
        return used
    }
}

extension HostState {
    fileprivate mutating func join(flagged: Bool) {
        isJoined = true
        isFlagged = flagged
        serving = onDisk
    }

    mutating func endLingering(_ configuration: Catalog.Number) {
        if lingering == configuration { lingering = Catalog.none } else { lingeringToo = Catalog.none }
        sortLingering()
    }

    /// The serving process lingers and no new one runs yet; nil where none serves or too many linger.
    func stopped() -> HostState? {
        var stopped = self
        let knowsAll = knowsServing && (lingering == Catalog.none || knowsLingering)
        guard serving != Catalog.none, stopped.linger(serving) else { return nil }
        stopped.serving = Catalog.none
        stopped.knowsLingering = knowsAll
        stopped.knowsServing = false
        stopped.isNewer = false
        stopped.servedWhenSaved = false
        stopped.isRestarting = true
        stopped.awaitsKubelet = false
        return stopped
    }

    mutating func start() {
        serving = onDisk
        isNewer = isRecorded
        isRestarting = false
        awaitsKubelet = false
    }

    fileprivate mutating func restartByItself() {
        if serving == onDisk && isNewer == isRecorded && !awaitsKubelet { return }
        serving = onDisk
        isNewer = isRecorded && serving != Catalog.none
        knowsServing = false
        servedWhenSaved = false
        awaitsKubelet = false
    }
}
