import Testing

extension OnTheSandbox {
    @Test(
        """
        a snapshot of before two rotations and a disable is restored => its key is named and nothing touched; with the \
        archive one run makes all of it readable, stored as declared
        """)
    func restoredSnapshot() async throws {
        try await Sandbox.seed(50)
        try await Sandbox.endingOldAPIServers { try await restoresSnapshot() }
        try await Sandbox.expectInOrder()
    }

    private func restoresSnapshot() async throws {
        try await Sandbox.ensureUnencrypted()
        let archive = try await OperatorsArchive()
        let enabling = AtRest.applying() + archive.keeping
        let disabling = AtRest.applying(manifest: try await Sandbox.manifest(enabling: false))

        let enabled = try await AtRest()(enabling)
        #expect(enabled.status == 0, "\(enabled.errors)")
        let old = try await Sandbox.onlyKey()
        #expect(enabled.output.contains("Archived 1 key: \(archive.file(of: old.name))\n"), "\(enabled.output)")
        let isTheHosts = try await archive.holds(old.secret, in: archive.file(of: old.name))
        #expect(isTheHosts)
        try await archivesFoundKey(old)
        let secrets = try await Sandbox.secretsDigest()
        let snapshot = try await Sandbox.saveSnapshot()

        var later: Set<String> = []
        for _ in 1...2 {
            let rotated = try await AtRest()(enabling + ["--rotate-encryption-key"])
            #expect(rotated.status == 0, "\(rotated.errors)")
            later.insert(try await Sandbox.onlyKey().name)
        }
        #expect(later.count == 2 && !later.contains(old.name))
        let disabled = try await AtRest()(disabling + archive.keeping)
        #expect(disabled.status == 0, "\(disabled.errors)")
        #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])

        try await Sandbox.restore(snapshot)
        #expect(try await Sandbox.storedForms().keys.sorted() == ["k8s:enc:aescbc:v1:\(old.name):"])
        let before = try await Sandbox.fingerprint()
        let refused = try await AtRest()(enabling)
        #expect(refused.status == 4)
        #expect(refused.errors.contains("etcd holds secrets stored under aescbc:\(old.name)"), "\(refused.errors)")
        #expect(refused.errors.contains("--with-archived-keys DIR --key-archive-key KEY.pem"), "\(refused.errors)")
        #expect(try await Sandbox.fingerprint() == before)
        if Sandbox.isLong { try await wrongSecretIsTakenBack(try await archive.withAnotherSecret(of: old.name)) }

        let restored = try await AtRest()(enabling + archive.reading)
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(
            restored.output.contains(
                "etcd holds secrets stored under aescbc:\(old.name), which is on no host: it is taken from the archive, "
                    + "\(archive.file(of: old.name)), and dropped once all is rewritten."), "\(restored.output)")
        let key = try await Sandbox.onlyKey()
        #expect(key.name > old.name && !later.contains(key.name))
        #expect(try await Sandbox.secretsDigest() == secrets)
    }

    /// An archive whose key has the name, and does not open what is stored: one host is put back, the others are not touched.
    private func wrongSecretIsTakenBack(_ archive: OperatorsArchive) async throws {
        let manifests = try await Sandbox.apiServerManifests()
        let others = try await Sandbox.controlPlanes(of: ["cp2", "cp3"])
        let run = try await AtRest()(AtRest.applying() + archive.reading + ["--restart-timeout", "40s"])
        #expect(run.status == 1)
        let words = "cp1 was put back to what it had before, and its API server fails informer-sync as it did before"
        #expect(run.errors.contains(words), "\(run.errors)")
        #expect(try await Sandbox.apiServerManifests() == manifests)
        #expect(try await Sandbox.controlPlanes(of: ["cp2", "cp3"]) == others)
        #expect(try await Sandbox.leftovers(on: "cp1").isEmpty)
    }

    /// A cluster that is encrypted already gets its archive by a run that changes nothing.
    private func archivesFoundKey(_ key: (name: String, secret: String)) async throws {
        let archive = try await OperatorsArchive()
        let before = try await Sandbox.fingerprint()
        let run = try await AtRest()(AtRest.applying() + archive.keeping)
        #expect(run.status == 0 && run.output.hasPrefix("Nothing to do"), "\(run.output)\(run.errors)")
        let isTheHosts = try await archive.holds(key.secret, in: archive.file(of: key.name))
        #expect(isTheHosts)
        #expect(try await Sandbox.fingerprint() == before)
    }
}
