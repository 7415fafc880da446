import Reconciliation

/// The operator's run, step by step; wherever it is, it can be killed.
extension Transitions {
    /// A run with a wish; nil where the model has no number left for its fresh key.
    func beginning(_ wish: ModelWish, in state: ClusterState) -> ClusterState? {
        var begun = state
        begun.run = .deciding
        begun.wish = wish
        let observed = observer.observe(begun)
        if wish == .rotate, observer.desired(wish).resolved(by: observed) != observer.desired(wish) {
            begun.wish = .enable
        }
        if begun.wish == .rotate || begun.wish == .enable && !observed.keysInFiles.contains(where: \.isLocal) {
            let newest = Catalog.KeySet.bitWidth - 1 - used(state).leadingZeroBitCount
            begun.freshKey = max(newest + 1, catalog.firstOwnKey)
            guard begun.freshKey < Catalog.keyLimit else { return nil }
        }
        return begun
    }

    func deciding(_ state: ClusterState) -> ClusterState {
        var after = state
        for index in hosts where state[index].isJoined {
            after[index].knowsServing = observer.knowsServing(state[index])
        }
        switch observer.decide(state) {
        case .done, .refuse:
            after.endRun()
        case .configure(let host, let target):
            after.run = .configuring
            after.stepHost = host
            after.stepTarget = target
            after.stepSaves = !state[host].isSaved || observer.loaded(state[host]) == .disk
        case .stage(let host, let target):
            after.run = .staging
            after.stepHost = host
            after.stepTarget = target
        case .settle(let hosts):
            after.run = .settling
            after.stepHosts = hosts
        case .record:
            after.run = .recording
        case .unrecord:
            after.run = .unrecording
        case .rewrite(let key):
            after.run = .rewriting
            after.stepKey = key
        }
        return after
    }

    /// Every object that was not under the wanted key is written by some host.
    func rewriting(_ state: ClusterState, through host: Int) -> ClusterState {
        var after = state
        let wanted: Catalog.KeySet = 1 << Catalog.KeySet(state.stepKey)
        if state.stored & ~wanted != 0 {
            after.stored &= wanted
            after.stored |= 1 << Catalog.KeySet(catalog.writeKey[Int(state[host].serving)])
        }
        after.finishStep()
        return after
    }

    /// The next part of a step; nil where it waits for something.
    func proceeding(_ state: ClusterState) -> ClusterState? {
        var after = state
        switch state.run {
        case .none, .deciding, .rewriting:
            return nil
        case .configuring:
            after.run = after[state.stepHost].beginWriting(state.stepTarget, saving: state.stepSaves)
        case .fileWritten, .rollbackFileWritten:
            after[state.stepHost].recordWrite()
            after.run = state.run == .fileWritten ? .writeRecorded : .rollbackRecorded
        case .writeRecorded, .rollbackRecorded:
            after[state.stepHost].writeManifest(flagged: true)
            after.run = state.run == .writeRecorded ? .awaitingProcess : .awaitingRollback
        case .awaitingProcess:
            guard holdsPostcondition(state[state.stepHost], state.stepTarget) else { return nil }
            if state.stepTarget == Catalog.unencrypted { after[state.stepHost].file = Catalog.none }
            after[state.stepHost].forgetSaved()
            after.finishStep()
        case .rollingBack:
            after.run = after[state.stepHost].beginRollback()
        case .awaitingRollback:
            let host = state[state.stepHost]
            guard holdsPostcondition(host, host.saved) else { return nil }
            after[state.stepHost].file = host.savedFile
            after[state.stepHost].forgetSaved()
            after.endRun()
        case .staging:
            let target = state.stepTarget == Catalog.unencrypted ? Catalog.none : state.stepTarget
            if !state[state.stepHost].isJoined { after[state.stepHost].file = target }
            after.finishStep()
        case .settling:
            for index in hosts where state.stepHosts & 1 << UInt64(index) != 0 {
                guard state[index].lingering == Catalog.none else { return nil }
            }
            after.finishStep()
        case .recording, .unrecording:
            after.isInKubeadm = state.run == .recording
            after.finishStep()
        }
        return after
    }

    private func holdsPostcondition(_ host: HostState, _ target: Catalog.Number) -> Bool {
        guard !host.awaitsKubelet, host.serving != Catalog.none else { return false }
        if target == Catalog.unencrypted { return host.serving == Catalog.unencrypted }
        return host.isFlagged && observer.loaded(host) == .disk
    }
}

extension Observer {
    /// Whether a run that looks now knows what this host's process has loaded.
    fileprivate func knowsServing(_ host: HostState) -> Bool {
        switch loaded(host) {
        case .disk: host.serving == host.onDisk
        case .before(let number): host.serving == number
        case .unknown, .notRunning: false
        }
    }
}

extension HostState {
    /// Keeps what a rollback needs, then writes the file; to remove, the flag goes first and the file last.
    ///
    /// The record is dropped with the first change, so that it never vouches for a file that is on its way.
    fileprivate mutating func beginWriting(_ target: Catalog.Number, saving: Bool) -> RunPoint {
        if saving {
            savedFile = file
            savedFlag = isFlagged
            isSaved = true
            servedWhenSaved = knowsServing && isFlagged && serving == file
        }
        isRecorded = false
        isNewer = false
        guard target != Catalog.unencrypted else {
            writeManifest(flagged: false)
            return .awaitingProcess
        }
        file = target
        return .fileWritten
    }

    fileprivate mutating func beginRollback() -> RunPoint {
        isRecorded = false
        isNewer = false
        guard savedFlag else {
            writeManifest(flagged: false)
            return .awaitingRollback
        }
        file = savedFile
        return .rollbackFileWritten
    }

    fileprivate mutating func recordWrite() {
        isRecorded = true
        isNewer = false
    }

    fileprivate mutating func writeManifest(flagged: Bool) {
        awaitsKubelet = flagged || isFlagged || serving != Catalog.unencrypted
        isFlagged = flagged
        isNewer = false
    }
}
