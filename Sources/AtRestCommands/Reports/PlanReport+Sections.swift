internal import Reconciliation

/// Steps under one heading: a round, and what stands between it and the next.
struct PlanSection: Sendable {
    let heading: String
    /// Nil outside of the rounds.
    let round: Int?
    /// Where its items stand in the plan.
    let indices: Range<Int>
}

extension PlanReport {
    /// All of the plan's items, in order.
    var sections: [PlanSection] {
        var sections: [PlanSection] = []
        for (index, item) in plan.items.enumerated() {
            let (heading, round) = item.heading
            if let last = sections.last, round == nil || round == last.round {
                sections[sections.count - 1] = PlanSection(
                    heading: last.heading, round: last.round, indices: last.indices.lowerBound..<index + 1)
            } else {
                sections.append(PlanSection(heading: heading, round: round, indices: index..<index + 1))
            }
        }
        return sections
    }
}

extension Plan.Item {
    /// The round that it belongs to; what belongs to none has a heading of its own only where no round comes before it.
    fileprivate var heading: (String, Int?) {
        switch step {
        case .configure(_, _, .readableEverywhere), .stage:
            ("Round 1: every API server can read what any will write", 1)
        case .configure(_, _, .writeWithWanted): ("Round 2: every API server writes with the wanted key", 2)
        case .rewrite: ("Round 3: rewrite what is stored", 3)
        case .removeFromKubeadm, .configure(_, _, .prune), .tidy: ("Round 4: remove what nothing needs", 4)
        case .purgeHistory: ("History: what etcd keeps of objects as they were before their last write", 5)
        case .recordInKubeadm where reason == .kubeadmHasMore: ("Round 4: remove what nothing needs", 4)
        case .recordInKubeadm: ("kubeadm-config: what an upgrade or a join would otherwise drop", nil)
        case .settle: ("Barrier: no process is left that does not know better", nil)
        }
    }
}
