import FoundationEssentials
import Testing

/// A way to the hosts, as the inputs and the operator's own machine describe it together.
struct WayIn: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A shell script that prepares the operator's `$home`; the sandbox's files are in `$state`.
    var preparation = ""
    /// A jq filter over the Terraform output's control plane, with the same two variables.
    var filter = "."
    /// Whether the hosts are then given in the manifest, by an array in place of the control plane, and no Terraform output is.
    var isInManifest = false
    var outputFile = "output-sudo.json"
    var needsBastion = false
    var flags: [String] = []
    /// The shell script that runs atrest, which is its `"$@"`.
    var start = #"exec "$@""#
    /// Words of a line in which each host's sshd tells of the login.
    let login: [String]

    static let all = [
        WayIn(
            testDescription: "a certificate",
            preparation: """
                ssh-keygen -q -t ed25519 -N '' -f "$home/id"
                ssh-keygen -q -s "$state/user_ca" -I operator -n ubuntu "$home/id.pub"
                """,
            filter: #".ssh_private_key_file = $home + "/id" | .ssh_cert_file = $home + "/id-cert.pub""#,
            login: ["Accepted publickey for ubuntu from 10.199.0.1 ", "ED25519-CERT", "ID operator"]),
        WayIn(
            testDescription: "an agent whose socket stands in a variable",
            filter: #"del(.ssh_private_key_file) | .ssh_agent_socket = "env:OPERATORS_AGENT""#,
            start: withAgent("OPERATORS_AGENT=$SSH_AUTH_SOCK; export OPERATORS_AGENT"),
            login: ["Accepted publickey for ubuntu from 10.199.0.1 "]),
        WayIn(
            testDescription: "an agent at a path",
            filter: #"del(.ssh_private_key_file) | .ssh_agent_socket = $home + "/agent""#, start: withAgent(":"),
            login: ["Accepted publickey for ubuntu from 10.199.0.1 "]),
        WayIn(
            testDescription: "IPv6, with the hosts and their pinned keys in the manifest",
            filter: """
                . as $all | [range(3) | {
                    publicAddress: "fd10:199::1\\(. + 1)", hostname: $all.hostnames[.], sshUsername: "ubuntu",
                    sshPrivateKeyFile: $all.ssh_private_key_file, sshHostPublicKey: $all.ssh_hosts_keys[.]}]
                """,
            isInManifest: true, login: ["Accepted publickey for ubuntu from fd10:199::1 "]),
        WayIn(
            testDescription: "host names, with key and known hosts from ~/.ssh/config",
            // ssh asks for the home directory in /etc/passwd and not in HOME.
            preparation: """
                mkdir -m 700 "$home/.ssh"
                install -m 600 "$state/id_ed25519" "$home/.ssh/mine"
                sed 's/^10.199.0.1\\([0-9]\\)[^ ]*/cp\\1.sandbox.test/' "$state/known_hosts" > "$home/.ssh/known"
                printf '%s\\n' 'Host cp?.sandbox.test' '    IdentityFile ~/.ssh/mine' \\
                    '    UserKnownHostsFile ~/.ssh/known' > "$home/.ssh/config"
                sed "s#^\\(root:[^:]*:[^:]*:[^:]*:[^:]*\\):[^:]*#\\1:$home#" /etc/passwd > "$home/passwd"
                cp /etc/hosts "$home/hosts"
                for number in 1 2 3; do echo "10.199.0.1$number cp$number.sandbox.test"; done >> "$home/hosts"
                """,
            filter: #"[range(3) | {publicAddress: "cp\(. + 1).sandbox.test", sshUsername: "ubuntu"}]"#,
            isInManifest: true,
            start: """
                exec unshare --mount --propagation private sh -euc '
                    mount --bind "$home/passwd" /etc/passwd
                    mount --bind "$home/hosts" /etc/hosts
                    exec "$@"' sh "$@"
                """,
            login: ["Accepted publickey for ubuntu from 10.199.0.1 "]),
        WayIn(
            testDescription: "a temporary directory that is too long for a socket, with spaces, and so is the key's",
            preparation: """
                long="$home/long and $(printf '%0100d' 0)"
                mkdir -m 700 "$long"
                install -m 600 "$state/id_ed25519" "$long/my key"
                ln -s "$long" "$home/long"
                """,
            filter: #".ssh_private_key_file = $home + "/long/my key""#,
            start: """
                XDG_RUNTIME_DIR=$(readlink "$home/long")
                TMPDIR=$XDG_RUNTIME_DIR
                export TMPDIR XDG_RUNTIME_DIR
                exec "$@"
                """,
            login: ["Accepted publickey for ubuntu from 10.199.0.1 "]),
        WayIn(
            testDescription: "a bastion with its own user, port, key and host key, to the private addresses",
            outputFile: "output-bastion.json", needsBastion: true,
            login: ["Accepted publickey for ubuntu from 10.198.0.9 "]),
        WayIn(
            testDescription: "a bastion, and only a file that has its key and the hosts'",
            preparation: """
                sed -e 's/^10.199.0.1\\([0-9]\\)[^ ]*/10.198.0.1\\1/' "$state/known_hosts" > "$home/known hosts"
                """,
            filter: "del(.ssh_hosts_keys, .bastion_host_key)", outputFile: "output-bastion.json", needsBastion: true,
            flags: ["--ssh-known-hosts", "known hosts"], start: #"cd "$home"; exec "$@""#,
            login: ["Accepted publickey for ubuntu from 10.198.0.9 "]),
        WayIn(
            testDescription: "a bastion and hosts that are accepted at first sight, and remembered",
            filter: "del(.ssh_hosts_keys, .bastion_host_key)", outputFile: "output-bastion.json", needsBastion: true,
            flags: ["--ssh-known-hosts", "known", "--ssh-accept-new-host-keys"],
            start: """
                cd "$home"
                "$@" 2> first
                grep -q 'accepted at first sight.*10.198.0.13' first
                [ "$(sed 's/.* //' known | sort -u | wc -l)" = 4 ]
                exec "$@"
                """,
            login: ["Accepted publickey for ubuntu from 10.198.0.9 "]),
    ]

    private static func withAgent(_ command: String) -> String {
        """
        exec ssh-agent -a "$home/agent" sh -euc '
            ssh-add -q "$state/id_ed25519"
            \(command)
            unset SSH_AUTH_SOCK
            exec "$@"' sh "$@"
        """
    }

    /// Runs `plan` this way.
    func plan(_ atrest: AtRest) async throws -> Finished {
        let variables = ["home": atrest.home, "state": Sandbox.state]
        _ = try await command("sh", ["-euc", preparation], environment: variables).checked(testDescription)
        let output = atrest.home + "/output.json"
        let jq = ["-c", "--arg", "home", atrest.home]
        let all = ".kubeone_hosts.value.control_plane"
        let whole = isInManifest ? "\(all) | \(filter)" : "\(all) |= (\(filter))"
        let filtered = try await command("jq", jq + [whole, Sandbox.state + "/" + outputFile]).checked("jq")
        var inputs = AtRest.inputs(output: output)
        if isInManifest {
            let manifest = atrest.home + "/kubeone.yaml"
            let text = try String(contentsOfFile: Sandbox.manifest, encoding: .utf8)
            try "\(text)controlPlane:\n  hosts: \(filtered)".write(
                toFile: manifest, atomically: false, encoding: .utf8)
            inputs = ["--manifest", manifest]
        } else {
            try filtered.write(toFile: output, atomically: false, encoding: .utf8)
        }
        return try await command(
            "sh", ["-euc", start, "sh", AtRest.binary, "plan"] + inputs + flags,
            environment: atrest.environment.merging(variables) { $1 })
    }
}

extension Sandbox {
    /// The bastion for the length of `body`, where it is needed.
    static func withBastion<Value>(if isNeeded: Bool = true, _ body: () async throws -> Value) async throws -> Value {
        guard isNeeded else { return try await body() }
        _ = try await command(script, ["bastion", "up"]).checked("bastion up")
        let result = await Result { try await body() }
        _ = try await command(script, ["bastion", "down"]).checked("bastion down")
        return try result.get()
    }

    /// What each host's sshd has said until now, in the hosts' order.
    static func sshdLogs() throws -> [String] {
        try hosts.map { try String(contentsOfFile: "\(state)/hosts/\($0)/log/sshd.log", encoding: .utf8) }
    }
}

extension AtRest {
    /// The files that runs have left: of temporary ones, and of ssh's wherever they are.
    func filesLeft() async throws -> String {
        let script = #"find "$0/run" "$0/tmp" -mindepth 1; grep -lsF "$0" /tmp/atrest-ssh-*/config || true"#
        return try await command("sh", ["-euc", script, home]).checked("find")
    }

    /// The processes that runs have left.
    func processesLeft() async throws -> String {
        let script = #"for one in /proc/[0-9]*; do grep -qsF "$0/run/" $one/cmdline && echo $one || :; done"#
        return try await command("sh", ["-euc", script, home]).checked("processes")
    }
}
