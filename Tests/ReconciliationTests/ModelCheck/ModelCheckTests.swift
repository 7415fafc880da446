import Reconciliation
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The model check of design section 3: the real `decide` over every schedule of a simulated cluster.
@Suite struct ModelCheckTests {
    static let everyWish = ModelWish.allCases

    /// Any number of faults where that ends; else a fault is a death, a container that restarts by itself, a restart that
    /// does nothing, or a readiness that fails.
    static let enable = [
        Scenario(name: "1 host, enable, any number of faults", hostCount: 1, wishes: [.enable]),
        Scenario(name: "2 hosts, enable, any number of faults", hostCount: 2, wishes: [.enable]),
        Scenario(name: "3 hosts, enable, 2 faults", hostCount: 3, wishes: [.enable], faults: 2),
        Scenario(name: "2 hosts, the second joins, enable", hostCount: 2, joining: 1, wishes: [.enable], faults: 1),
    ]

    static let wholeLife = [
        Scenario(name: "1 host, every wish, 1 fault", hostCount: 1, wishes: everyWish, faults: 1),
        Scenario(
            name: "1 host, every wish, 2 faults, clients always write", hostCount: 1, wishes: everyWish, faults: 2,
            clientsAlwaysWrite: true),
        Scenario(
            name: "2 hosts, every wish, 1 fault, clients always write", hostCount: 2, start: .encrypted,
            wishes: everyWish, faults: 1, clientsAlwaysWrite: true),
        Scenario(
            name: "2 hosts, every wish, across providers, 1 fault, clients always write", hostCount: 2,
            start: .encrypted, wishes: everyWish, faults: 1, clientsAlwaysWrite: true, kubeletMayLag: false,
            mixesProviders: true),
        Scenario(
            name: "2 hosts, every wish, an adopted key, 1 fault", hostCount: 2, adoptedKeys: 1, start: .encrypted,
            wishes: everyWish, faults: 1),
        Scenario(
            name: "3 hosts, every wish, 1 fault, clients always write", hostCount: 3, start: .encrypted,
            wishes: everyWish, faults: 1, clientsAlwaysWrite: true),
        Scenario(
            name: "3 hosts, the third joins, every wish, 1 fault, clients always write", hostCount: 3, joining: 1,
            start: .encrypted, wishes: everyWish, faults: 1, clientsAlwaysWrite: true, kubeletMayLag: false),
        Scenario(
            name: "2 hosts, the second joins, every wish, 1 fault, clients always write", hostCount: 2, joining: 1,
            start: .encrypted, wishes: everyWish, faults: 1, clientsAlwaysWrite: true, kubeletMayLag: false),
    ]

    /// A million and a half more states.
    static let deep = [
        Scenario(
            name: "1 host, every wish, any number of faults, clients always write", hostCount: 1, wishes: everyWish,
            clientsAlwaysWrite: true),
        Scenario(
            name: "2 hosts, every wish, 2 faults", hostCount: 2, wishes: everyWish, faults: 2, kubeletMayLag: false),
    ]

    @Test("every schedule => readable at every instant, one host at a time, and an end", arguments: enable + wholeLife)
    func holds(_ scenario: Scenario) {
        report(Explorer(scenario, decider: decide(_:_:freshKey:)).explore(), scenario)
    }

    @Test(
        "every schedule of the larger models => the same",
        .enabled(if: ProcessInfo.processInfo.environment["ATREST_DEEP_MODEL_CHECK"] != nil), arguments: deep)
    func holdsDeeply(_ scenario: Scenario) {
        report(Explorer(scenario, decider: decide(_:_:freshKey:)).explore(), scenario)
    }

    @Test("a removed host comes back with its old file => no key is lost, and every run comes to its end")
    func holdsForReturnedHost() {
        let scenario = Scenario(
            name: "2 hosts, the second came back, every wish, 1 fault", hostCount: 2, start: .returned,
            wishes: Self.everyWish, faults: 1, clientsAlwaysWrite: true, kubeletMayLag: false)
        let explorer = Explorer(scenario, decider: decide(_:_:freshKey:))
        let invariants = Invariants(transitions: explorer.transitions)
        let termination = Termination(explorer.transitions)
        let outcome = explorer.explore { invariants.lost($0) ?? termination.violation(from: $0) }
        report(outcome, scenario)
    }

    @Test("another tool's enable was cut short before a restart => the key is readable everywhere before its use")
    func holdsForForeignEnable() {
        let scenario = Scenario(
            name: "3 hosts, another tool's enable", hostCount: 3, start: .foreignEnableCutShort, wishes: [.enable],
            faults: 0)
        let explorer = Explorer(scenario, decider: decide(_:_:freshKey:))
        let invariants = Invariants(transitions: explorer.transitions)
        let termination = Termination(explorer.transitions)
        let outcome = explorer.explore { invariants.unreadableByProcess($0) ?? termination.violation(from: $0) }
        report(outcome, scenario)
    }

    @Test("the plan from any reachable state => what an undisturbed run then does")
    func plansWhatIsDone() {
        let scenario = Scenario(
            name: "2 hosts, plans of enable and disable", hostCount: 2, wishes: [.enable, .disable], faults: 1,
            clientsAlwaysWrite: true)
        let explorer = Explorer(scenario, decider: decide(_:_:freshKey:))
        let comparison = PlanComparison(explorer.transitions)
        report(explorer.explore(comparison.violation(from:)), scenario)
    }

    private func report(_ outcome: Explorer.Outcome, _ scenario: Scenario) {
        print("model check: \(scenario.name): \(outcome.stateCount) states, \(outcome.observationCount) observations")
        #expect(outcome.counterexample == nil, "\(outcome.counterexample ?? "")")
    }
}
