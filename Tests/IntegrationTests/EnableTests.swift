import FoundationEssentials
import Testing

extension OnTheSandbox {
    @Test("apply without the guard => the plan, exit 3, nothing touched")
    func guardMissing() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let before = try await Sandbox.fingerprint()
        let run = try await AtRest()(["apply"] + AtRest.inputs())
        #expect(run.status == 3)
        for host in Sandbox.hosts {
            #expect(run.output.contains("~ \(host) "))
        }
        #expect(run.errors.contains("--force-upgrade"))
        let shown = try await Shown.now()
        #expect(
            shown.plan.status == 2 && shown.plan.text.contains("2 restarts a host, one at a time, 2,0"), "\(shown.plan)"
        )
        #expect(shown.plan.json?.summary.restarts == 6 && shown.plan.json?.hasChanges == true, "\(shown.plan)")
        let status = shown.status
        #expect(status.status == 0 && status.text.hasPrefix("Cluster \"sandbox\": no encryption.\n"), "\(status)")
        #expect(status.text.contains("secrets   2,0") && status.text.contains("Nothing is wrong."), "\(status)")
        #expect(status.json?.mode == "disabled" && status.json?.isHealthy == true, "\(status)")
        #expect(shown.proof.status == 1 && shown.proof.text.hasSuffix("Not stored as declared.\n"), "\(shown.proof)")
        #expect(shown.proof.json?.verdict == "different", "\(shown.proof)")
        let off = AtRest.inputs(manifest: try await Sandbox.manifest(enabling: false))
        let verified = try await AtRest()(["verify"] + off)
        #expect(verified.status == 0, "\(verified)")
        #expect(try await Sandbox.fingerprint() == before)
    }

    @Test(
        "enable under load, as a user with sudo => all encrypted, no request fails because of a key, the key stays where it belongs"
    )
    func enable() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let manifests = try await Sandbox.apiServerManifests()
        let atrest = try AtRest()
        let begun = Int(Date().timeIntervalSince1970)

        let ((run, load), watched) = try await beside("watch.py", []) {
            try await LoadReport.beside {
                try await atrest(AtRest.applying(output: Sandbox.state + "/output-sudo.json") + ["--debug"])
            }
        }
        #expect(run.status == 0 && run.errors.contains("--purge-history drops it"), "\(run.errors)")
        for log in try Sandbox.sshdLogs() {
            let login = log.split(separator: "\n").last { $0.contains("Accepted ") }
            #expect(login?.contains(" for ubuntu ") == true)
        }

        let forms = try await Sandbox.storedForms()
        let form = try #require(forms.keys.first)
        #expect(forms.count == 1 && form.hasPrefix("k8s:enc:aescbc:v1:atrest-"), "\(forms)")
        #expect(load.requests > 250)
        #expect(load.httpErrors.isEmpty, "\(load.httpErrors.prefix(5))")
        // Two rounds, one server at a time, in the inventory's order.
        #expect(load.outages.isSubsequence(of: Sandbox.addresses + Sandbox.addresses), "\(load.outages)")

        for (before, after) in zip(manifests, try await Sandbox.apiServerManifests()) {
            let added = after.lines.difference(from: before.lines)
            #expect(added.removals.isEmpty)
            #expect(added.insertions.count == 9, "\(added.insertions)")
            #expect(after.contains("--encryption-provider-config=/etc/kubernetes/encryption-providers/"))
            #expect(after.contains("atrest.dev/encryption-config-sha256: "))
        }
        let recorded = try await Sandbox.kubectl(
            "-n", "kube-system", "get", "configmap", "kubeadm-config", "-o", "yaml")
        #expect(recorded.contains("encryption-provider-config: /etc/kubernetes/encryption-providers/"))
        #expect(recorded.contains("name: encryption-providers-conf"))

        try await expectKeyStaysPut(
            since: begun, watched: watched, log: run.errors + run.output, operatorHome: atrest.home)
    }

    /// The key's bytes are in the three files and nowhere else.
    private func expectKeyStaysPut(
        since begun: Int, watched: String, log: String, operatorHome: String
    ) async throws {
        let keys = try await Sandbox.keys()
        #expect(Set(keys.map(\.secret)).count == 1)
        let secret = try #require(keys.first?.secret)
        let raw = try #require(Data(base64Encoded: secret))
        let forms = [Array(secret.utf8), Array(raw), Array(raw.hexadecimal.utf8)]

        let processes = watched.split(separator: "\n")
        #expect(processes.contains { $0.contains(Array("--force-upgrade".utf8).hexadecimal) })
        for form in forms {
            #expect(!processes.contains { $0.contains(form.hexadecimal) })
        }
        #expect(log.contains("cp1") && !log.contains(secret))

        // What is mounted below a directory is not looked into: the hosts' own file systems are named.
        let mounted = Sandbox.hosts.flatMap { host in
            ["etc-kubernetes", "atrest"].map { "\(Sandbox.state)/hosts/\(host)/\($0)" }
        }
        let found = try await command(
            "python3",
            [
                Sandbox.root + "/Tests/IntegrationTests/Clients/find.py", "\(begun)", operatorHome, Sandbox.state,
                "/tmp", "/var/tmp",
            ] + mounted,
            input: forms.map(\.hexadecimal).joined(separator: "\n")
        ).checked("find.py")
        #expect(
            Set(found.split(separator: "\n")).sorted()
                == Sandbox.hosts.map {
                    "\(Sandbox.state)/hosts/\($0)/etc-kubernetes/encryption-providers/encryption-providers.yaml"[...]
                })
        for host in Sandbox.hosts {
            let inMemory = try await command(
                Sandbox.script,
                ["exec", host, "sh", "-c", "read k; grep -rlF \"$k\" /run /tmp /dev/shm 2>/dev/null || true"],
                input: secret + "\n"
            ).checked("grep")
            #expect(inMemory.isEmpty)
        }
    }

    @Test("the same command again => nothing to do, nothing written, nothing restarted, no object touched")
    func noop() async throws {
        try await Sandbox.ensureEncrypted()
        let before = try await Sandbox.fingerprint()
        let run = try await AtRest()(AtRest.applying())
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("Nothing to do"))
        let key = try #require(try await Sandbox.keys().first)
        let shown = try await Shown.now()
        #expect(shown.plan.status == 0 && shown.plan.text.hasPrefix("Nothing to do: 2,"), "\(shown.plan)")
        #expect(shown.plan.json?.hasChanges == false && shown.plan.json?.steps.isEmpty == true, "\(shown.plan)")
        let status = shown.status
        #expect(status.status == 0 && status.text.contains("secrets with aescbc:\(key.name), "), "\(status)")
        #expect(status.json?.mode == "managed" && status.json?.isHealthy == true, "\(status)")
        #expect(status.json?.hosts.map(\.loaded) == ["disk", "disk", "disk"], "\(status)")
        let proof = shown.proof
        #expect(proof.status == 0 && proof.text.contains("\nProved: "), "\(proof)")
        #expect(proof.json?.verdict == "proved", "\(proof)")
        #expect(proof.json?.resources.map(\.declaredAs) == ["aescbc:\(key.name)"], "\(proof)")
        #expect(!(shown.plan.text + status.text + proof.text).contains(key.secret))
        #expect(try await Sandbox.fingerprint() == before)
    }
}

extension String {
    fileprivate var lines: [Substring] { split(separator: "\n", omittingEmptySubsequences: false) }
}

extension Collection<UInt8> {
    var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

extension [String] {
    fileprivate func isSubsequence(of whole: [String]) -> Bool {
        var rest = whole[...]
        for element in self {
            guard let index = rest.firstIndex(of: element) else { return false }
            rest = rest[rest.index(after: index)...]
        }
        return true
    }
}
