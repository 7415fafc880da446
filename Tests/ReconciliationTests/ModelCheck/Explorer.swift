/// Visits every state that any schedule can reach, breadth first, so that the schedule it shows is a shortest one.
struct Explorer {
    let scenario: Scenario
    let observer: Observer

    struct Outcome {
        let stateCount: Int
        let observationCount: Int
        /// The schedule that ends in a violation; nil where there is none.
        let counterexample: String?
    }

    init(_ scenario: Scenario, takesDiskForLoaded: Bool = false, decider: @escaping Decider) {
        self.scenario = scenario
        observer = Observer(
            catalog: scenario.makeCatalog(), hostCount: scenario.hostCount, takesDiskForLoaded: takesDiskForLoaded,
            hasArchive: scenario.hasArchive, decider: decider)
    }

    var transitions: Transitions { Transitions(scenario: scenario, observer: observer) }

    /// Looks for a state that breaks an invariant, or that a run does not lead to its end from.
    func explore() -> Outcome {
        let invariants = Invariants(transitions: transitions)
        let termination = Termination(transitions)
        return explore { invariants.violation(in: $0) ?? termination.violation(from: $0) }
    }

    /// Looks for a state that breaks an invariant, whether or not runs come to an end.
    func exploreSafety() -> Outcome {
        explore(Invariants(transitions: transitions).violation(in:))
    }

    /// Looks for a state that `violation` says something about.
    func explore(_ violation: (ClusterState) -> String?) -> Outcome {
        let transitions = transitions
        var start = scenario.startState(observer.catalog)
        transitions.normalize(&start)
        var states = [start]
        var origins = [Origin(parent: 0, event: nil)]
        var visited: Set<ClusterState> = [start]
        var index = 0
        while index < states.count {
            let state = states[index]
            if let violation = violation(state) {
                let schedule = describe(index, states, origins) + "=> \(violation)"
                return outcome(states.count, schedule)
            }
            for (event, next) in transitions.successors(of: state) where visited.insert(next).inserted {
                states.append(next)
                origins.append(Origin(parent: index, event: event))
            }
            index += 1
        }
        return outcome(states.count, nil)
    }

    private struct Origin {
        let parent: Int
        let event: Event?
    }

    private func outcome(_ stateCount: Int, _ counterexample: String?) -> Outcome {
        Outcome(
            stateCount: stateCount, observationCount: observer.observationCount,
            counterexample: counterexample.map { "\(scenario.name):\n\($0)" })
    }

    /// The schedule that leads to a state, and the state.
    private func describe(_ last: Int, _ states: [ClusterState], _ origins: [Origin]) -> String {
        var lines: [String] = []
        var index = last
        while let event = origins[index].event {
            let parent = origins[index].parent
            lines.append("  " + event.describe(in: states[parent], observer))
            index = parent
        }
        return (lines.reversed() + ["= " + states[last].describe(observer), ""]).joined(separator: "\n")
    }
}
