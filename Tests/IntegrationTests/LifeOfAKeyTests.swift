import FoundationEssentials
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

    @Test(
        """
        enable, rotate, rotate to secretbox, disable, enable under load => each holds in etcd, no request fails; then a \
        snapshot of the first key is restored => refused, its key is named; with the archive all is as declared
        """)
    func lifeOfAKey() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let plain = try await PlainCluster.now()
        let secrets = try await Sandbox.secretsDigest()
        let archive = try await OperatorsArchive()
        let enabling = AtRest.applying() + archive.keeping
        let disabling = AtRest.applying(manifest: try await Sandbox.manifest(enabling: false)) + archive.keeping
        let rotating = enabling + ["--rotate-encryption-key"]

        let ((keys, snapshot), load) = try await LoadReport.beside {
            var keys: [StoredKey] = []
            var snapshot: String?
            for (arguments, provider) in [
                (enabling, "aescbc"), (rotating, "aescbc"),
                (rotating + ["--encryption-provider", "secretbox"], "secretbox"), (disabling, nil),
                (enabling, "aescbc"),
            ] {
                let run: Finished
                if keys.count == 1 {
                    let traced = try await AtRest().traced(arguments)
                    try await expectKeysOnlySent(traced.trace)
                    run = traced.run
                } else {
                    run = try await AtRest()(arguments)
                }
                #expect(run.status == 0, "\(run.errors)")
                if let provider {
                    let key = try await Sandbox.onlyKey(provider)
                    try await expectArchived(key, in: archive, by: run)
                    keys.append(key)
                } else {
                    #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])
                    #expect(try await PlainCluster.now() == plain)
                }
                if snapshot == nil { snapshot = try await Sandbox.saveSnapshot() }
            }
            return (keys, try #require(snapshot))
        }
        // Each is a new one, and a name sorts behind those before it.
        #expect(keys.map(\.name) == keys.map(\.name).sorted())
        #expect(Set(keys.map(\.name)).count == 4 && Set(keys.map(\.secret)).count == 4)
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()

        try await restores(snapshot, of: try #require(keys.first), under: try #require(keys.last), archive)
        #expect(try await Sandbox.secretsDigest() == secrets)
    }

    /// A run that made and archived the key of now wrote it to pipes and sockets alone: to ssh.
    private func expectKeysOnlySent(_ trace: String) async throws {
        let script = Sandbox.root + "/Tests/ControlPlaneTests/Fixtures/leaks.py"
        let path = Sandbox.configurationFile.replacing("/etc/kubernetes", with: "etc-kubernetes")
        let file = "\(Sandbox.state)/hosts/cp1/\(path)"
        let found = try await command("python3", [script, "trace", file, trace]).checked("leaks.py")
        #expect(found == "sent\n")
        try FileManager.default.removeItem(atPath: trace)
    }
}
