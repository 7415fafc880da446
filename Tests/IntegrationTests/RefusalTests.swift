import FoundationEssentials
import Testing

/// An input, a wish or a host that a run must refuse, and words that its message must have.
struct Obstacle: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    /// Words that it must not have.
    var otherWords: [String] = []
    var arguments = ["--force-upgrade"]
    var status: Int32 = 4
    /// A jq filter over the Terraform output.
    var filter = "."
    /// The manifest's text, where it is another one.
    var manifest: String?
    var outputFile = "output.json"
    var needsBastion = false
    /// Shell scripts for some hosts, before and after.
    var onHosts: (names: [String], before: String, after: String)?

    static let all = [
        Obstacle(
            testDescription: "an unknown host key", words: ["cp1", "host key"],
            filter: "del(.kubeone_hosts.value.control_plane.ssh_hosts_keys)"),
        Obstacle(
            testDescription: "another host key than the pinned one",
            words: ["\"cp2\" (", "another host key", "Host key for atrest-cp2 has changed"],
            otherWords: ["cp1", "cp3"], arguments: ["--force-upgrade", "--ssh-accept-new-host-keys"],
            filter: ".kubeone_hosts.value.control_plane |= (.ssh_hosts_keys[1] = .ssh_hosts_keys[0])"),
        Obstacle(
            testDescription: "another host key than the bastion's pinned one",
            words: [
                "\"cp1\" (", "\"cp2\" (", "\"cp3\" (", "another host key", "Host key for atrest-bastion has changed",
            ],
            arguments: ["--force-upgrade", "--ssh-accept-new-host-keys"],
            filter: ".kubeone_hosts.value.control_plane |= (.bastion_host_key = .ssh_hosts_keys[0])",
            outputFile: "output-bastion.json", needsBastion: true),
        Obstacle(
            testDescription: "two hosts that answer nothing at all",
            // ssh's own limit is what ends it: the kernel's would be two minutes, and atrest's 45 seconds.
            words: ["\"cp2\" (", "\"cp3\" (", "cannot be reached", "10.199.0.12 port 22: Connection timed out"],
            otherWords: ["\"cp1\"", "no answer within"], onHosts: silence(["cp2", "cp3"], towards: "10.199.0.1")),
        Obstacle(
            testDescription: "a host behind a bastion that answers nothing at all",
            words: ["\"cp3\" (", "cannot be reached", "Connection timed out during banner exchange"],
            otherWords: ["\"cp1\"", "\"cp2\"", "no answer within"], outputFile: "output-bastion.json",
            needsBastion: true, onHosts: silence(["cp3"], towards: "10.198.0.9")),
        Obstacle(
            testDescription: "a refused key", words: ["cp1", "refused the login"],
            filter: ".kubeone_hosts.value.control_plane.ssh_private_key_file = $home + \"/other_key\""),
        Obstacle(testDescription: "missing sudo", words: ["cp1", "sudo"], outputFile: "output-nosudo.json"),
        Obstacle(
            testDescription: "forwarding forbidden", words: ["cp2", "AllowTcpForwarding"],
            onHosts: (
                ["cp2"], "echo 'AllowTcpForwarding no' >> /etc/ssh/sshd_config; kill -HUP $(cat /run/sshd.pid)",
                "sed -i '/^AllowTcpForwarding no$/d' /etc/ssh/sshd_config; kill -HUP $(cat /run/sshd.pid)"
            )),
        Obstacle(
            testDescription: "a manifest that is not YAML", words: ["kubeone.yaml:2:"], manifest: "a: [1\nb: }\n"),
        Obstacle(
            testDescription: "a tfjson without kubeone_hosts", words: ["kubeone_hosts"], filter: "del(.kubeone_hosts)"),
        Obstacle(
            testDescription: "a tfjson that lacks the third host", words: ["10.199.0.13"],
            filter: """
                .kubeone_hosts.value.control_plane |= with_entries(
                    if (.value | type) == "array" then .value |= .[0:2] else . end)
                """),
    ]

    /// Whatever that address sends to these hosts is dropped.
    private static func silence(
        _ hosts: [String], towards address: String
    ) -> (names: [String], before: String, after: String) {
        (hosts, "ip route add blackhole \(address)/32", "ip route del blackhole \(address)/32")
    }

    /// Among the words: the name of the cluster's key.
    static let keyName = "KEY"

    static let onEncrypted = [
        Obstacle(
            testDescription: "a key name used twice", words: [keyName, "cp2", "different secrets"],
            onHosts: change(["cp2"], "s#secret: .*#secret: \(Data(repeating: 7, count: 32).base64EncodedString())#")),
        Obstacle(
            testDescription: "a key that is on no disk", words: [keyName, "cp1, cp2, cp3", "do not restart"],
            onHosts: change(Sandbox.hosts, "s#name: .*#name: another#")),
        Obstacle(
            testDescription: "rotation without the guard",
            words: ["rotating encryption keys requires the --force-upgrade flag"],
            arguments: ["--rotate-encryption-key"], status: 3),
        Obstacle(
            testDescription: "rotation of a custom configuration",
            words: ["key rotation of custom providers file is not supported"],
            arguments: ["--force-upgrade", "--rotate-encryption-key"],
            manifest: """
                apiVersion: kubeone.k8c.io/v1beta2
                kind: KubeOneCluster
                name: sandbox
                versions: {kubernetes: 1.20.2}
                cloudProvider: {none: {}}
                features:
                  encryptionProviders:
                    enable: true
                    customEncryptionConfiguration: |
                      apiVersion: apiserver.config.k8s.io/v1
                      kind: EncryptionConfiguration
                      resources: [{resources: [secrets], providers: [{identity: {}}]}]

                """),
        Obstacle(
            testDescription: "rotation of an unhealthy control plane", words: ["cp3", "not healthy"],
            arguments: ["--force-upgrade", "--rotate-encryption-key"],
            // The kubelet too: it would restart an API server that does not answer.
            onHosts: (
                ["cp3"], signal("STOP"),
                signal("CONT") + "until kubectl --server https://10.199.0.13:6443 get --raw /readyz; do sleep 1; done"
            )),
    ]

    /// Another configuration file on these hosts, which no API server has loaded.
    private static func change(
        _ hosts: [String], _ edit: String
    ) -> (names: [String], before: String, after: String) {
        let file = Sandbox.configurationFile
        return (hosts, "cp -p \(file) /run/kept; sed -i '\(edit)' \(file)", "cp -p /run/kept \(file); rm /run/kept")
    }

    private static func signal(_ name: String) -> String {
        """
        for process in /proc/[0-9]*; do
            case $(cat $process/comm 2>/dev/null) in
            kubelet | kube-apiserver) kill -\(name) ${process#/proc/} ;;
            esac
        done

        """
    }
}

extension OnTheSandbox {
    @Test("an obstacle => one clear message, exit 4, nothing touched", arguments: Obstacle.all)
    func refused(obstacle: Obstacle) async throws {
        try await expectRefused(obstacle, key: nil)
    }

    @Test("an obstacle on an encrypted cluster => one clear message, nothing touched", arguments: Obstacle.onEncrypted)
    func refusedOnEncrypted(obstacle: Obstacle) async throws {
        try await Sandbox.ensureEncrypted()
        try await expectRefused(obstacle, key: try await Sandbox.onlyKey())
    }

    private func expectRefused(_ obstacle: Obstacle, key: StoredKey?) async throws {
        try await Sandbox.withBastion(if: obstacle.needsBastion) { try await expectRefusedNow(obstacle, key: key) }
    }

    private func expectRefusedNow(_ obstacle: Obstacle, key: StoredKey?) async throws {
        let atrest = try AtRest()
        _ = try await command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", atrest.home + "/other_key"])
            .checked("ssh-keygen")
        let output = atrest.home + "/output.json"
        let filtered = try await command(
            "jq", ["--arg", "home", atrest.home, obstacle.filter, Sandbox.state + "/" + obstacle.outputFile]
        ).checked("jq")
        try filtered.write(toFile: output, atomically: false, encoding: .utf8)
        var manifest = Sandbox.manifest
        if let text = obstacle.manifest {
            manifest = atrest.home + "/kubeone.yaml"
            try text.write(toFile: manifest, atomically: false, encoding: .utf8)
        }

        for host in obstacle.onHosts?.names ?? [] { _ = try await Sandbox.onHost(host, obstacle.onHosts?.before ?? "") }
        let seen = await Result { [manifest] in
            let before = try await Sandbox.fingerprint()
            let run = try await atrest(
                ["apply", "-y"] + obstacle.arguments + AtRest.inputs(manifest: manifest, output: output))
            return (run: run, isUntouched: try await Sandbox.fingerprint() == before)
        }
        for host in obstacle.onHosts?.names ?? [] { _ = try await Sandbox.onHost(host, obstacle.onHosts?.after ?? "") }

        let (run, isUntouched) = try seen.get()
        #expect(isUntouched)
        #expect(run.status == obstacle.status)
        for word in obstacle.words {
            #expect(run.errors.contains(word == Obstacle.keyName ? try #require(key).name : word), "\(run.errors)")
        }
        for word in obstacle.otherWords { #expect(!run.errors.contains(word), "\(run.errors)") }
        if let key { #expect(!(run.output + run.errors).contains(key.secret)) }
    }

    @Test("a host that is down => named, exit 4, nothing touched on the others; status shows these")
    func hostDown() async throws {
        _ = try await command(Sandbox.script, ["stop", "cp3"]).checked("stop")
        let run = try await AtRest()(AtRest.applying())
        let shown = try await Shown.now()
        _ = try await command(Sandbox.script, ["start", "cp3"]).checked("start")
        #expect(run.status == 4)
        #expect(run.errors.contains("cp3") && run.errors.contains("10.199.0.13"), "\(run.errors)")
        #expect(shown.plan.status == 4 && shown.plan.text.isEmpty && shown.plan.errors.contains("cp3"), "\(shown.plan)")
        #expect(shown.proof.status == 4 && shown.proof.json?.verdict == "unproved", "\(shown.proof)")
        #expect(shown.proof.json?.unknowns.contains { $0.contains("cp3") } == true, "\(shown.proof)")
        let status = shown.status
        #expect(status.status == 1)
        #expect(status.json?.hosts.map(\.isSeen) == [true, true, false], "\(status)")
        let lines = status.text.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("cp1   10.199.0.11  v1.20.2 ") }, "\(status)")
        #expect(lines.contains { $0.hasPrefix("cp3   10.199.0.13  -        not seen ") }, "\(status)")
        #expect(lines.contains { $0.hasPrefix("  \"cp3\" (") && $0.contains("cannot be reached") }, "\(status)")
        #expect(lines.contains { $0.hasPrefix("secrets ") }, "\(status)")
        #expect(!status.text.contains("is not in the inputs"), "\(status)")
    }
}
