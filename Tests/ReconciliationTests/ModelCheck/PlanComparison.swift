import Reconciliation

/// Whether the plan that is printed is what an undisturbed run then does.
final class PlanComparison {
    private let transitions: Transitions
    private let termination: Termination
    private var compared: Set<Request> = []

    private struct Request: Hashable {
        let observed: ObservedCluster
        let wish: ModelWish
    }

    init(_ transitions: Transitions) {
        self.transitions = transitions
        termination = Termination(transitions)
    }

    func violation(from state: ClusterState) -> String? {
        guard state.run == .none else { return nil }
        for wish in transitions.scenario.wishes {
            guard let begun = transitions.beginning(wish, in: state) else { continue }
            let observer = transitions.observer
            let observed = observer.observe(begun)
            guard compared.insert(Request(observed: observed, wish: begun.wish)).inserted else { continue }
            let plan = try? Plan(from: observed, to: observer.desired(begun.wish), freshKey: observer.freshKey(begun))
            let planned = (plan?.items ?? []).map { observer.number(.perform($0.step, because: $0.reason)) }
                .filter { !$0.isWaiting }
            let made = termination.steps(from: begun)
            if planned != made {
                let catalog = observer.catalog
                return
                    "planned for \(wish): \(planned.map { $0.describe(catalog) }), made: \(made.map { $0.describe(catalog) })"
            }
        }
        return nil
    }
}

extension ModelDecision {
    /// How long old processes linger can not be planned.
    fileprivate var isWaiting: Bool {
        if case .settle = self { true } else { false }
    }
}
