import Reconciliation

/// I3: from every state, a run that nothing disturbs comes to its end, and in a bounded number of steps.
final class Termination {
    private let transitions: Transitions
    private let invariants: Invariants
    private var known: [ClusterState: Int] = [:]

    init(_ transitions: Transitions) {
        self.transitions = transitions
        invariants = Invariants(transitions: transitions)
    }

    private var observer: Observer { transitions.observer }
    /// As many as `Plan` allows itself.
    private var stepLimit: Int { 4 * transitions.scenario.hostCount + 16 }

    /// Says what is wrong where the run of this state, or a new run with any wish, does not end as it should.
    func violation(from state: ClusterState) -> String? {
        if state.run != .none { return violation(ofRunIn: state) }
        for wish in transitions.scenario.wishes {
            guard let begun = transitions.beginning(wish, in: state) else { continue }
            if let violation = violation(ofRunIn: begun) { return "a new run, \(wish): \(violation)" }
        }
        return nil
    }

    private func violation(ofRunIn state: ClusterState) -> String? {
        var path: [ClusterState] = []
        var current = undisturbed(state)
        var steps = 0
        while current.run != .none {
            if let rest = known[current] {
                steps = rest
                break
            }
            if current.run == .deciding, let violation = invariants.wrongDecision(current) {
                return describe(path + [current]) + violation
            }
            path.append(current)
            guard path.count < 12 * stepLimit else { return describe(path) + "it does not come to an end" }
            current = undisturbed(next(current))
        }
        for passed in path.reversed() {
            if passed.run == .deciding { steps += 1 }
            known[passed] = steps
        }
        return steps > stepLimit ? describe(path) + "it takes \(steps) steps" : nil
    }

    private func describe(_ path: [ClusterState]) -> String {
        let decisions = path.filter { $0.run == .deciding }.map { observer.decide($0).describe(observer.catalog) }
        return "undisturbed: \(decisions.joined(separator: "; ")): "
    }

    /// The steps of a run that nothing disturbs, but for waiting; the keys keep their numbers.
    func steps(from begun: ClusterState) -> [ModelDecision] {
        var steps: [ModelDecision] = []
        var current = begun
        while current.run != .none {
            if current.run == .deciding {
                switch observer.decide(current) {
                case .done, .refuse, .settle: break
                case let step: steps.append(step)
                }
            }
            current = next(current)
        }
        return steps
    }

    private func undisturbed(_ state: ClusterState) -> ClusterState {
        var state = state
        state.faultsLeft = 0
        transitions.normalize(&state)
        return state
    }

    /// What happens where everything does what it is meant to.
    private func next(_ state: ClusterState) -> ClusterState {
        switch state.run {
        case .none:
            return state
        case .deciding:
            return transitions.deciding(state)
        case .rewriting:
            let host = transitions.hosts.first { state[$0].serving != Catalog.none } ?? 0
            return transitions.rewriting(state, through: host)
        case .settling:
            var settled = state
            for index in transitions.hosts where state.stepHosts & 1 << UInt64(index) != 0 {
                settled[index].endAllLingering()
            }
            settled.finishStep()
            return settled
        case .awaitingProcess, .awaitingRollback:
            return transitions.proceeding(state) ?? restarting(state)
        default:
            return transitions.proceeding(state) ?? state
        }
    }

    private func restarting(_ state: ClusterState) -> ClusterState {
        var after = state
        let host = state[state.stepHost]
        if host.serving == Catalog.none, host.onDisk != Catalog.none {
            after[state.stepHost].start()
        } else if host.awaitsKubelet {
            if let stopped = host.stopped() {
                after[state.stepHost] = stopped
            } else {
                after[state.stepHost].endAllLingering()
            }
        } else {
            // The restart did nothing: the run stops with an error, and the same command is run again.
            after.endRun()
            return transitions.beginning(state.wish, in: after) ?? after
        }
        return after
    }
}

extension HostState {
    fileprivate mutating func endAllLingering() {
        while lingering != Catalog.none { endLingering(lingering) }
    }
}
