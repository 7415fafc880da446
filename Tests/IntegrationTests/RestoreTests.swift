import Testing

extension OnTheSandbox {
    /// A snapshot comes back whose key is long gone: without the archive that is refused, with it one run puts all right.
    func restores(
        _ snapshot: String, of old: StoredKey, under current: StoredKey, _ archive: OperatorsArchive
    ) async throws {
        try await archivesFoundKey(current)
        try await Sandbox.restore(snapshot)
        #expect(try await Sandbox.storedForms().keys.sorted() == ["k8s:enc:aescbc:v1:\(old.name):"])
        let before = try await Sandbox.fingerprint()
        let status = try await AtRest()(["status"] + AtRest.inputs())
        #expect(status.status == 1)
        let verified = try await AtRest()(["verify"] + AtRest.inputs())
        #expect(verified.status == 1)
        for run in [status, verified] {
            #expect(run.output.contains("etcd holds secrets stored under aescbc:\(old.name), and no "), "\(run)")
        }
        let refused = try await AtRest()(AtRest.applying() + archive.keeping)
        #expect(refused.status == 4)
        #expect(refused.errors.contains("etcd holds secrets stored under aescbc:\(old.name)"), "\(refused.errors)")
        #expect(refused.errors.contains("--with-archived-keys DIR --key-archive-key KEY.pem"), "\(refused.errors)")
        #expect(try await Sandbox.fingerprint() == before)
        if Sandbox.isLong { try await wrongSecretIsTakenBack(try await archive.withAnotherSecret(of: old.name)) }

        let restored = try await AtRest()(AtRest.applying() + archive.keeping + archive.reading)
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(
            restored.output.contains(
                "etcd holds secrets stored under aescbc:\(old.name), which is on no host: it is taken from the archive, "
                    + "\(archive.file(of: old.name)), and dropped once all is rewritten."), "\(restored.output)")
        let key = try await Sandbox.onlyKey()
        #expect(key == current)
        try await Sandbox.expectInOrder()
    }

    /// A run has written its key to the archive, and said so; the openssl program alone opens it.
    func expectArchived(_ key: StoredKey, in archive: OperatorsArchive, by run: Finished) async throws {
        #expect(run.output.contains("Archived 1 key: \(archive.file(of: key.name))\n"), "\(run.output)")
        let isTheHosts = try await archive.holds(key.secret, in: archive.file(of: key.name))
        #expect(isTheHosts)
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
    private func archivesFoundKey(_ key: StoredKey) async throws {
        let archive = try await OperatorsArchive()
        let before = try await Sandbox.fingerprint()
        let run = try await AtRest()(AtRest.applying() + archive.keeping)
        #expect(run.status == 0 && run.output.hasPrefix("Nothing to do"), "\(run.output)\(run.errors)")
        let isTheHosts = try await archive.holds(key.secret, in: archive.file(of: key.name))
        #expect(isTheHosts)
        #expect(try await Sandbox.fingerprint() == before)
    }
}
