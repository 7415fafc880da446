import Reconciliation
import Testing

/// A snapshot whose key is on no host any more is restored, once or twice and between any two runs.
@Suite struct RestoredSnapshotTests {
    private static func scenario(_ start: Scenario.Start, hosts: Int, hasArchive: Bool) -> Scenario {
        let title = "\(hosts) host\(hosts == 1 ? "" : "s"), a restored snapshot"
        return Scenario(
            name: "\(title), \(hasArchive ? "with" : "without") its key", hostCount: hosts, adoptedKeys: 1,
            start: start, wishes: ModelCheckTests.everyWish, faults: 2, clientsAlwaysWrite: true, kubeletMayLag: false,
            restores: true, hasArchive: hasArchive)
    }

    private static func explore(_ scenario: Scenario, _ decider: @escaping Decider = decide) -> Explorer.Outcome {
        let explorer = Explorer(scenario, decider: decider)
        let invariants = Invariants(transitions: explorer.transitions)
        let termination = Termination(explorer.transitions)
        return explorer.explore { state in
            invariants.unreadableBesideSnapshot(state) ?? invariants.lost(state) ?? invariants.downHosts(state)
                ?? termination.violation(from: state)
        }
    }

    @Test(
        "its key in the archive => every run ends with all as wished, and nothing else becomes unreadable",
        arguments: [1, 2])
    func archived(hosts: Int) {
        let scenario = Self.scenario(.unencrypted, hosts: hosts, hasArchive: true)
        let outcome = Self.explore(scenario)
        print("model check: \(scenario.name): \(outcome.stateCount) states")
        #expect(outcome.counterexample == nil, "\(outcome.counterexample ?? "")")
    }

    @Test("a decider that drops the archived key before the rewrite => found")
    func mutant() {
        let outcome = Self.explore(
            Self.scenario(.unencrypted, hosts: 2, hasArchive: true), Mutant.pruningBeforeRewrite)
        #expect(outcome.counterexample != nil)
    }

    @Test("its key nowhere => refused with its name, whatever the wish and what was begun")
    func missing() {
        let scenario = Self.scenario(.unencrypted, hosts: 2, hasArchive: false)
        let explorer = Explorer(scenario, decider: decide(_:_:freshKey:))
        let invariants = Invariants(transitions: explorer.transitions)
        var refusals = 0
        let outcome = explorer.explore { state in
            guard state.run == .deciding, invariants.lost(state) != nil else { return nil }
            guard case .refuse(.keyMissing(let form, _, _)) = explorer.observer.decide(state),
                form == explorer.observer.catalog.key(Scenario.restoredKey).storedForm
            else { return "not refused" }
            refusals += 1
            return nil
        }
        #expect(outcome.counterexample == nil, "\(outcome.counterexample ?? "")")
        #expect(refusals > 0)
    }
}
