import Testing

extension OnTheSandbox {
    @Test("rotate what is not encrypted, or not asked for => refused with KubeOne's words, nothing touched")
    func cannotRotate() async throws {
        try await Sandbox.ensureUnencrypted()
        let before = try await Sandbox.fingerprint()
        let notEnabled = try await AtRest()(
            AtRest.applying() + ["--rotate-encryption-key"])
        #expect(notEnabled.status == 4)
        #expect(notEnabled.errors.contains("encryption Providers support is not enabled for this cluster"))
        let notAskedFor = try await AtRest()(
            AtRest.applying(manifest: try await Sandbox.manifest(enabling: false)) + ["--rotate-encryption-key"])
        #expect(notAskedFor.status == 4)
        #expect(try await Sandbox.fingerprint() == before)
    }

    @Test("enable, rotate, rotate to secretbox, disable, enable under load => each holds in etcd, no request fails")
    func lifeOfAKey() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let plain = try await PlainCluster.now()
        let secrets = try await Sandbox.secretsDigest()
        let enabling = AtRest.applying()
        let disabling = AtRest.applying(manifest: try await Sandbox.manifest(enabling: false))
        let rotating = enabling + ["--rotate-encryption-key"]

        let (_, load) = try await LoadReport.beside {
            var keys: [(name: String, secret: String)] = []
            for (arguments, provider) in [
                (enabling, "aescbc"), (rotating, "aescbc"),
                (rotating + ["--encryption-provider", "secretbox"], "secretbox"), (disabling, nil),
                (enabling, "aescbc"),
            ] {
                let run = try await AtRest()(arguments)
                #expect(run.status == 0, "\(run.errors)")
                if let provider {
                    keys.append(try await Sandbox.onlyKey(provider))
                } else {
                    #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])
                    #expect(try await PlainCluster.now() == plain)
                }
            }
            // Each is a new one, and a name sorts behind those before it.
            #expect(keys.map(\.name) == keys.map(\.name).sorted())
            #expect(Set(keys.map(\.name)).count == 4 && Set(keys.map(\.secret)).count == 4)
        }
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()
    }
}
