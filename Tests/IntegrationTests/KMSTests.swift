import Testing

extension OwnConfiguration {
    static let kmsProvider =
        "kms: {name: aws-encryption-provider, endpoint: unix:///var/run/kmsplugin/socket.sock, cachesize: 1000, timeout: 3s}"

    /// The KMS encrypts.
    static let kmsFirst = OwnConfiguration([("secrets", [kmsProvider, "identity: {}"])])

    /// KubeOne's own example, to the letter.
    fileprivate static let example = OwnConfiguration(
        text: """
            apiVersion: apiserver.config.k8s.io/v1
            kind: EncryptionConfiguration
            resources:
              - resources:
                - secrets
                providers:
                - identity: {}
                - kms:
                    name: aws-encryption-provider
                    endpoint: unix:///var/run/kmsplugin/socket.sock
                    cachesize: 1000
                    timeout: 3s

            """)
}

extension Sandbox {
    private static let kmsForm = "k8s:enc:kms:v1:aws-encryption-provider:"

    /// What the sandbox's own KMS plugins are to do.
    static func kms(_ action: String, _ hosts: [String] = hosts) async throws {
        _ = try await command(script, ["kms", action] + hosts).checked("kms \(action)")
    }

    /// A socket that takes connections and speaks nothing, in place of a host's plugin, while `body` runs.
    fileprivate static func withMutePlugin<Value>(
        on host: String, _ body: () async throws -> Value
    ) async throws -> Value {
        try await kms("stop", [host])
        _ = try await onHost(
            host,
            """
            cd /run/kmsplugin
            rm -f socket.sock
            socat UNIX-LISTEN:socket.sock,fork SYSTEM:'cat > /dev/null' > /dev/null 2>&1 &
            echo $! > mute
            until [ -S socket.sock ]; do sleep 0.1; done
            """)
        let result = await Result { try await body() }
        _ = try await onHost(host, "kill $(cat /run/kmsplugin/mute); rm /run/kmsplugin/mute")
        try await kms("start", [host])
        return try result.get()
    }

    /// The plugin's directory is mounted on every host and for every host to come, or nowhere.
    fileprivate static func expectSocketMounted(
        _ isMounted: Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for manifest in try await apiServerManifests() {
            let mounts = manifest.split(separator: "\n").count { $0.hasSuffix(": /var/run/kmsplugin") }
            #expect(mounts == (isMounted ? 2 : 0), sourceLocation: sourceLocation)
        }
        let recorded = try await clusterConfiguration()
        #expect(recorded.contains("name: kms-endpoint\n") == isMounted, sourceLocation: sourceLocation)
    }

    /// Every Secret is behind the KMS, and nothing else is in the way.
    fileprivate static func expectBehindKMS(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let forms = try await storedForms()
        #expect(forms.keys.sorted() == [kmsForm], sourceLocation: sourceLocation)
        try await OwnConfiguration.kmsFirst.expectOnEveryHost(sourceLocation: sourceLocation)
        try await expectSocketMounted(true, sourceLocation: sourceLocation)
    }

    /// Number and start of each host's API server.
    fileprivate static func serverStarts() async throws -> [String] {
        var starts: [String] = []
        for host in hosts {
            starts.append(try await controlPlane(of: host).split(separator: "\n").last.map(String.init) ?? "")
        }
        return starts
    }

    /// Writes and reads a Secret through every API server; a write needs the plugin each time.
    fileprivate static func expectWritable(_ name: String) async throws {
        for address in addresses {
            let server = "https://\(address):6443"
            let made = "\(name)-\(address.split(separator: ".").last ?? "")"
            try await waitUntil("the API server at \(address) is ready") {
                let health = try await onHost(
                    "cp1", "kubectl --server \(server) get --raw /readyz 2>&1 || true")
                return health == "ok"
            }
            _ = try await kubectl(
                "--server", server, "-n", "seeded", "create", "secret", "generic", made, "--from-literal=value=\(made)")
            for reader in addresses {
                let value = try await kubectl(
                    "--server", "https://\(reader):6443", "-n", "seeded", "get", "secret", made, "-o",
                    "jsonpath={.data.value}")
                #expect(!value.isEmpty)
            }
            _ = try await kubectl("--server", server, "-n", "seeded", "delete", "secret", made)
        }
    }
}

extension OnTheSandbox {
    @Test("an external KMS: absent, mute, identity first, first, killed, away again => as asked, no request fails")
    func kms() async throws {
        try await Sandbox.seed(300)
        try await Sandbox.ensureUnencrypted()
        let plain = try await PlainCluster.now()
        let secrets = try await Sandbox.secretsDigest()
        let kmsFirst = try OwnConfiguration.kmsFirst.manifest()
        let example = try OwnConfiguration.example.manifest()
        try await Sandbox.kms("start")
        let result = await Result {
            try await Self.refusesAbsentPlugin(kmsFirst)
            try await Self.rollsBackMutePlugin(kmsFirst)
            let (_, load) = try await LoadReport.beside {
                try await Self.carryOut(
                    example, saying: "the first provider for secrets is identity: nothing new is encrypted")
                #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])
                try await OwnConfiguration.example.expectOnEveryHost()
                try await Sandbox.expectSocketMounted(true)
                try await Self.carryOut(kmsFirst)
                try await Sandbox.expectBehindKMS()
            }
            try await load.expectNothingLost()
            try await Self.outlivesTheirPlugins(kmsFirst)
            try await Self.refusesWhatNobodyMeant(example)
            let (_, more) = try await LoadReport.beside {
                try await Self.carryOut(Sandbox.manifest)
                _ = try await Sandbox.onlyKey()
                try await Sandbox.expectSocketMounted(false)
                try await Self.carryOut(try await Sandbox.manifest(enabling: false))
            }
            try await more.expectNothingLost()
            #expect(try await PlainCluster.now() == plain)
            #expect(try await Sandbox.secretsDigest() == secrets)
        }
        // What is encrypted cannot be read without them.
        if case .failure = result { try await Sandbox.ensureUnencrypted() }
        try await Sandbox.kms("remove")
        try result.get()
    }

    private static func carryOut(_ manifest: String, saying words: String = "Done: ") async throws {
        let run = try await AtRest()(AtRest.applying(manifest: manifest))
        #expect(run.status == 0 && run.output.contains(words), "\(run.output)\(run.errors)")
    }

    /// No plugin on one host, or one that has crashed: host and path are named, and nothing is touched.
    private static func refusesAbsentPlugin(_ manifest: String) async throws {
        let before = try await Sandbox.fingerprint()
        for (action, finding) in [("stop", "nobody listens there"), ("remove", "there is nothing")] {
            try await Sandbox.kms(action, ["cp2"])
            let run = try await AtRest()(AtRest.applying(manifest: manifest))
            #expect(run.status == 4, "\(run.errors)")
            let words =
                "cp2: the plugin of the KMS \"aws-encryption-provider\" does not answer at "
                + "unix:///var/run/kmsplugin/socket.sock: \(finding)"
            #expect(run.errors.contains(words), "\(run.errors)")
        }
        #expect(try await Sandbox.fingerprint() == before)
        try await Sandbox.kms("start", ["cp2"])
    }

    /// A plugin that takes connections and does nothing: only the API server's own check finds that out.
    private static func rollsBackMutePlugin(_ manifest: String) async throws {
        let before = try await Sandbox.apiServerManifests()
        let run = try await Sandbox.withMutePlugin(on: "cp1") {
            try await AtRest()(AtRest.applying(manifest: manifest) + ["--restart-timeout", "15s"])
        }
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("kms-provider-0") && run.errors.contains("cp1 was put back"), "\(run.errors)")
        #expect(try await Sandbox.apiServerManifests() == before)
    }

    /// The plugins crash and start again, each with a new socket file: the API servers go on as they are.
    private static func outlivesTheirPlugins(_ manifest: String) async throws {
        try await Sandbox.settle()
        let before = try await Sandbox.serverStarts()
        try await Sandbox.kms("restart")
        try await Sandbox.expectWritable("after-a-crash")
        #expect(try await Sandbox.serverStarts() == before)
        let run = try await AtRest()(AtRest.applying(manifest: manifest))
        #expect(run.status == 0 && run.output.hasPrefix("Nothing to do"), "\(run.output)\(run.errors)")
        let shown = try await Shown.now(manifest: manifest)
        #expect(shown.plan.status == 0 && shown.plan.json?.hasChanges == false, "\(shown.plan)")
        #expect(shown.status.status == 0 && shown.status.json?.mode == "custom", "\(shown.status)")
        #expect(shown.status.json?.hosts.map(\.kms) == ["healthy", "healthy", "healthy"], "\(shown.status)")
        #expect(shown.proof.status == 0 && shown.proof.text.contains("kms:aws-encryption-provider"), "\(shown.proof)")
        #expect(shown.proof.json?.verdict == "proved", "\(shown.proof)")
    }

    /// Decrypting with nobody there to be asked, and another endpoint under the same name.
    private static func refusesWhatNobodyMeant(_ example: String) async throws {
        let before = try await Sandbox.fingerprint()
        let decrypting = try await AtRest()(AtRest.applying(manifest: example))
        #expect(decrypting.status == 3 && decrypting.errors.contains("--allow-decrypt"), "\(decrypting.errors)")
        let moved = OwnConfiguration([
            ("secrets", [OwnConfiguration.kmsProvider.replacing("socket.sock", with: "other.sock"), "identity: {}"])
        ])
        let run = try await AtRest()(AtRest.applying(manifest: try moved.manifest()))
        #expect(run.status == 4 && run.errors.contains("Give the new one a new name"), "\(run.errors)")
        #expect(try await Sandbox.fingerprint() == before)
    }
}
