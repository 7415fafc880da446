import Testing

extension OnTheSandbox {
    /// Where the runs of the rotation are killed.
    ///
    /// A boundary in each round, and within rounds 2 and 3; the longer form and the model check have them all. Every run that
    /// begins in the middle of a round must wait for old API servers first, which takes its time.
    private static let moments: [Moment] = [
        .behind("cp3: read"), .within("cp1: write", on: "cp1"), .rewriting, .behind("cp1: drop"), .behind("cp3: drop"),
    ]

    @Test("KubeOne's encrypted cluster => nothing to do; rotated, each run killed => one new key, nothing lost")
    func adoption() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let kubeOnes = try await KubeOne.encrypt()
        let recorded = try await Sandbox.clusterConfiguration()
        let before = try await Sandbox.fingerprint()
        let adopted = try await AtRest()(AtRest.applying())
        #expect(adopted.status == 0, "\(adopted.errors)")
        #expect(adopted.output.hasPrefix("Nothing to do") && adopted.output.contains(kubeOnes), "\(adopted.output)")
        for command in ["status", "verify"] {
            let look = try await AtRest()([command] + AtRest.inputs())
            #expect(look.status == 0 && look.output.contains("aescbc:\(kubeOnes) "), "\(look)")
        }
        #expect(try await Sandbox.fingerprint() == before)

        let secrets = try await Sandbox.secretsDigest()
        let rotating = AtRest.applying() + ["--rotate-encryption-key"]
        let (chain, load) = try await LoadReport.beside {
            var chain = KillChain(rotating)
            try await chain.run(killedAt: Self.moments, or: Sandbox.isLong)
            return chain
        }
        let key = try await Sandbox.onlyKey()
        #expect(chain.keyNames == [kubeOnes, key.name])
        for run in chain.runs.dropFirst() {
            #expect(run.output.contains("Interrupted rotation found: finishing it"), "\(run.output)")
        }
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()
        #expect(try await Sandbox.clusterConfiguration() == recorded)

        // The last run was killed behind the very last step: nothing is left of that rotation, and this asks for no other.
        // Its old API server is waited for here, so that it is no reason for the next run to wait.
        try await Sandbox.settle()
        let after = try await Sandbox.fingerprint()
        let again = try await AtRest()(AtRest.applying() + ["--rotate-if-older-than", "24h"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.output.hasPrefix("Nothing to do"), "\(again.output)")
        #expect(try await Sandbox.fingerprint() == after)
    }
}
