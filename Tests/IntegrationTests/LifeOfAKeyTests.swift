import Testing

extension OnTheSandbox {
    @Test("enable, rotate, disable under load => each holds in etcd, no request fails, the hosts end as they began")
    func lifeOfAKey() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let manifests = try await Sandbox.apiServerManifests()
        let recorded = try await Sandbox.clusterConfiguration()
        let enabling = ["apply", "--force-upgrade", "-y"] + AtRest.inputs()
        let disabling =
            ["apply", "--force-upgrade", "-y"]
            + AtRest.inputs(manifest: try await Sandbox.manifest(enabling: false))

        let (_, load) = try await LoadReport.beside {
            let enabled = try await AtRest()(enabling)
            #expect(enabled.status == 0, "\(enabled.errors)")
            let first = try #require(try await Sandbox.keys().first)

            let rotated = try await AtRest()(enabling + ["--rotate-encryption-key"])
            #expect(rotated.status == 0, "\(rotated.errors)")
            let keys = try await Sandbox.keys()
            #expect(keys.count == 3 && Set(keys.map(\.secret)).count == 1)
            #expect(keys[0].name > first.name && keys[0].secret != first.secret)
            #expect(try await Sandbox.storedForms().keys.sorted() == ["k8s:enc:aescbc:v1:\(keys[0].name):"])

            let disabled = try await AtRest()(disabling)
            #expect(disabled.status == 0, "\(disabled.errors)")
            #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])
        }
        #expect(load.requests > 500)
        #expect(load.httpErrors.isEmpty, "\(load.httpErrors.prefix(5))")

        #expect(try await Sandbox.apiServerManifests() == manifests)
        #expect(try await Sandbox.clusterConfiguration() == recorded)
        for host in Sandbox.hosts {
            let left = try await Sandbox.onHost(
                host, "ls -d /etc/kubernetes/encryption-providers /var/lib/atrest/rollback 2>/dev/null || true")
            #expect(left.isEmpty)
        }
    }

    @Test("rotate what is not encrypted, or not asked for => refused with KubeOne's words, nothing touched")
    func cannotRotate() async throws {
        try await Sandbox.ensureUnencrypted()
        let before = try await Sandbox.fingerprint()
        let notEnabled = try await AtRest()(
            ["apply", "--force-upgrade", "-y", "--rotate-encryption-key"] + AtRest.inputs())
        #expect(notEnabled.status == 4)
        #expect(notEnabled.errors.contains("encryption Providers support is not enabled for this cluster"))
        let notAskedFor = try await AtRest()(
            ["apply", "--force-upgrade", "-y", "--rotate-encryption-key"]
                + AtRest.inputs(manifest: try await Sandbox.manifest(enabling: false)))
        #expect(notAskedFor.status == 4)
        #expect(try await Sandbox.fingerprint() == before)
    }
}
