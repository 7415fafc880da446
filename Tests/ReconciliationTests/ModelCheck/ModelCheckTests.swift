import Reconciliation
import Testing

/// The model check of design section 3: the real `decide` over every schedule of a simulated cluster.
@Suite struct ModelCheckTests {
    @Test(
        "every schedule => readable at every instant, one host at a time, and an end",
        arguments: [
            Scenario(name: "1 host, enable, any number of faults", hostCount: 1, wishes: [.enable]),
            Scenario(name: "2 hosts, enable, any number of faults", hostCount: 2, wishes: [.enable]),
            Scenario(name: "3 hosts, enable, 1 fault", hostCount: 3, wishes: [.enable], faults: 1),
            Scenario(
                name: "3 hosts, enable, 2 faults, clients always write", hostCount: 3, wishes: [.enable], faults: 2,
                clientsAlwaysWrite: true),
        ])
    func holds(_ scenario: Scenario) {
        let outcome = Explorer(scenario, decider: decide(_:_:freshKey:)).explore()
        print("model check: \(scenario.name): \(outcome.stateCount) states")
        #expect(outcome.counterexample == nil, "\(outcome.counterexample ?? "")")
    }

    @Test("without the read-first round => one host writes what another cannot read")
    func withoutReadFirstRound() throws {
        let scenario = Scenario(name: "2 hosts, enable", hostCount: 2, wishes: [.enable])
        let outcome = Explorer(scenario, decider: Mutant.withoutReadFirstRound).explore()
        let counterexample = try #require(outcome.counterexample)
        #expect(counterexample.contains("can not read"))
    }
}
