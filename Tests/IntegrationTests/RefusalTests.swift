import FoundationEssentials
import Testing

/// An input or a host that a run must refuse, and words that its message must have.
struct Obstacle: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    /// A jq filter over the Terraform output.
    var filter = "."
    /// The manifest's text, where it is another one.
    var manifest: String?
    var outputFile = "output.json"
    /// Shell scripts for a host, before and after.
    var onHost: (name: String, before: String, after: String)?

    static let all = [
        Obstacle(
            testDescription: "an unknown host key", words: ["cp1", "host key"],
            filter: "del(.kubeone_hosts.value.control_plane.ssh_hosts_keys)"),
        Obstacle(
            testDescription: "a refused key", words: ["cp1", "refused the login"],
            filter: ".kubeone_hosts.value.control_plane.ssh_private_key_file = $home + \"/other_key\""),
        Obstacle(testDescription: "missing sudo", words: ["cp1", "sudo"], outputFile: "output-nosudo.json"),
        Obstacle(
            testDescription: "forwarding forbidden", words: ["cp2", "AllowTcpForwarding"],
            onHost: (
                "cp2", "echo 'AllowTcpForwarding no' >> /etc/ssh/sshd_config; kill -HUP $(cat /run/sshd.pid)",
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
}

extension OnTheSandbox {
    @Test("an obstacle => one clear message, exit 4, nothing touched", arguments: Obstacle.all)
    func refused(obstacle: Obstacle) async throws {
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

        if let host = obstacle.onHost { _ = try await Sandbox.onHost(host.name, host.before) }
        let before = try await Sandbox.fingerprint()
        let run = try await atrest(
            AtRest.applying(manifest: manifest, output: output))
        #expect(try await Sandbox.fingerprint() == before)
        if let host = obstacle.onHost { _ = try await Sandbox.onHost(host.name, host.after) }

        #expect(run.status == 4)
        for word in obstacle.words {
            #expect(run.errors.contains(word), "\(run.errors)")
        }
    }

    @Test("a host that is down => named, exit 4, nothing touched on the others")
    func hostDown() async throws {
        _ = try await command(Sandbox.script, ["stop", "cp3"]).checked("stop")
        let run = try await AtRest()(AtRest.applying())
        _ = try await command(Sandbox.script, ["start", "cp3"]).checked("start")
        #expect(run.status == 4)
        #expect(run.errors.contains("cp3") && run.errors.contains("10.199.0.13"), "\(run.errors)")
    }
}
