import Reconciliation
import Testing

/// The model check finds each of the mistakes that it is there for.
@Suite struct MutantTests {
    static let enable = Scenario(name: "2 hosts, enable", hostCount: 2, wishes: [.enable], faults: 1)
    static let rotate = Scenario(name: "2 hosts, rotate", hostCount: 2, start: .encrypted, wishes: [.rotate], faults: 1)

    private func counterexample(_ outcome: Explorer.Outcome) throws -> String {
        try #require(outcome.counterexample, "the model check does not find the mistake")
    }

    @Test("no read-first round => one host writes what another can not read")
    func withoutReadFirstRound() throws {
        let outcome = Explorer(Self.enable, decider: Mutant.withoutReadFirstRound).exploreSafety()
        let found = try counterexample(outcome)
        #expect(found.contains("can not read {k1}"))
    }

    @Test("a merged first round on the only host => what it took is unreadable once it is rolled back")
    func mergedFirstRound() throws {
        let scenario = Scenario(name: "1 host, enable", hostCount: 1, wishes: [.enable], faults: 1)
        let outcome = Explorer(scenario, decider: Mutant.withoutReadFirstRound).explore { state in
            let isRolledBack = state.run == .none && state[0].serving == Catalog.unencrypted
            return isRolledBack && state.stored & 2 != 0 ? "stored under k1, which no API server has" : nil
        }
        #expect(try counterexample(outcome).contains("rolls back"))
    }

    @Test("prune before rewrite => stored objects are unreadable")
    func pruningBeforeRewrite() throws {
        let outcome = Explorer(Self.rotate, decider: Mutant.pruningBeforeRewrite).exploreSafety()
        let found = try counterexample(outcome)
        #expect(found.contains("can not read {k1}"))
    }

    @Test("prune while an old process lingers => it may write what another can not read")
    func pruningWhileOldProcessesLinger() throws {
        let outcome = Explorer(Self.rotate, decider: Mutant.blindToOldProcesses).exploreSafety()
        let found = try counterexample(outcome)
        #expect(found.contains("can not read"))
    }

    @Test("all known keys in place of the needed ones => pruned keys come back for ever")
    func needingAllKnownKeys() throws {
        let outcome = Explorer(Self.rotate, decider: Mutant.needingAllKnownKeys).explore()
        #expect(try counterexample(outcome).contains("does not come to an end"))
    }

    @Test("a re-run that drops the middle key => stored objects are unreadable")
    func droppingTheMiddleKey() throws {
        let explorer = Explorer(Self.rotate, decider: Mutant.droppingTheMiddleKey)
        let outcome = explorer.explore(Invariants(transitions: explorer.transitions).unreadable)
        let found = try counterexample(outcome)
        #expect(found.contains("can not read"))
    }

    @Test("a rewrite that fails redeploys the old key alone => what was written since is unreadable")
    func redeployingTheOldKey() throws {
        let outcome = Explorer(Self.rotate, decider: Mutant.redeployingTheOldKey).exploreSafety()
        #expect(try counterexample(outcome).contains("can not read {k2}"))
    }

    @Test("fresh names by a slow clock => the rotation does not come to an end")
    func sortingBySlowClock() throws {
        var scenario = Self.rotate
        scenario.namesGoBack = true
        let outcome = Explorer(scenario, decider: decide(_:_:freshKey:)).explore()
        #expect(try counterexample(outcome).contains("does not come to an end"))
    }

    @Test("a restart that silently did nothing, taken for a success => one host writes what another can not read")
    func trustingSilentRestart() throws {
        let explorer = Explorer(Self.rotate, takesDiskForLoaded: true, decider: decide(_:_:freshKey:))
        let outcome = explorer.explore(Invariants(transitions: explorer.transitions).unreadable)
        let found = try counterexample(outcome)
        #expect(found.contains("can not read {k2}"))
    }
}
