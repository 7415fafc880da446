import Testing

extension OnTheSandbox {
    /// Where the runs of the disable are killed: the longer form and the model check have every step.
    private static let momentsOfDisable: [Moment] = [
        .within("cp3: write", on: "cp3"), .rewriting, .behind("kubeadm-config"), .behind("cp1: drop"),
    ]

    @Test("enable, then disable, every run killed => one key, then none; nothing lost, the hosts end as they began")
    func killedAnywhere() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let plain = try await PlainCluster.now()
        let secrets = try await Sandbox.secretsDigest()
        let enabling = AtRest.applying()
        let disabling = AtRest.applying(manifest: try await Sandbox.manifest(enabling: false))

        let (_, load) = try await LoadReport.beside {
            var chain = KillChain(enabling)
            try await chain.runKilledBehindEveryStep { Sandbox.isLong || $0.isMultiple(of: 4) }
            let finished = try await AtRest()(enabling)
            #expect(finished.status == 0, "\(finished.errors)")
            #expect(chain.keyNames == [try await Sandbox.onlyKey().name])

            chain = KillChain(disabling)
            try await chain.run(killedAt: Self.momentsOfDisable, or: Sandbox.isLong)
            let last = try await AtRest()(disabling)
            #expect(last.status == 0, "\(last.errors)")
            #expect(chain.keyNames.count == 1)
        }
        #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])
        #expect(try await Sandbox.secretsDigest() == secrets)
        #expect(try await PlainCluster.now() == plain)
        try await load.expectNothingLost()
    }

    @Test(
        "enable killed in round 2, then disable => plain text again, the hosts as they began",
        .enabled(if: Sandbox.isLong, "a longer form: the model check has every such change of mind"))
    func changedWish() async throws {
        try await Sandbox.seed(2000)
        let disabling = AtRest.applying(manifest: try await Sandbox.manifest(enabling: false))
        try await Sandbox.ensureUnencrypted()
        let plain = try await PlainCluster.now()
        let secrets = try await Sandbox.secretsDigest()

        let (_, load) = try await LoadReport.beside {
            var chain = KillChain(AtRest.applying())
            try await chain.run(killedAt: [.behind("cp2: write")])
            let keys = try await Sandbox.keys()
            #expect(keys.count == 3 && chain.keyNames.count == 1)
            let disabled = try await AtRest()(disabling)
            #expect(disabled.status == 0, "\(disabled.errors)")
        }
        #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])
        #expect(try await Sandbox.secretsDigest() == secrets)
        #expect(try await PlainCluster.now() == plain)
        try await load.expectNothingLost()
    }
}
