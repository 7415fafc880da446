package import Reconciliation

/// A host that could not be reached, or not be used, over ssh.
package struct SSHFailure: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// No connection: refused, timed out, no route, no such name.
        case unreachable
        case unknownHostKey
        case changedHostKey
        case authenticationRefused
        /// Logged in, but neither root nor `sudo -n` gives a root shell.
        case rootRefused
        case forwardingForbidden
        /// The host's sshd opens no further session on a connection.
        case sessionRefused
        /// The connection broke with a script under way; it may have run, in part or whole.
        case lost
        case timedOut
        case tooMuchOutput
        /// ssh itself failed: it is missing, or a configuration file is broken.
        case clientFailed
    }

    package let host: HostName
    /// `user@address:port`, and the bastion where there is one.
    package let endpoint: String
    package let reason: Reason
    /// What ssh or sudo said, one line without control characters; empty where they said nothing.
    package let words: String

    package init(host: HostName, endpoint: String, reason: Reason, words: String) {
        self.host = host
        self.endpoint = endpoint
        self.reason = reason
        self.words = words
    }
}

extension SSHFailure: CustomStringConvertible {
    package var description: String {
        "\"\(host)\" (\(endpoint)) \(finding)" + (words.isEmpty ? "" : ": \(words)") + "; \(advice)"
    }

    private var finding: String {
        switch reason {
        case .unreachable: "cannot be reached"
        case .unknownHostKey: "shows a host key that is not known"
        case .changedHostKey: "shows another host key than the one that is known"
        case .authenticationRefused: "refused the login"
        case .rootRefused: "gave no root shell"
        case .forwardingForbidden: "forbids forwarding over ssh"
        case .sessionRefused: "refused another session on its ssh connection"
        case .lost: "was lost in the middle of a script"
        case .timedOut: "did not finish a script in time"
        case .tooMuchOutput: "printed more than a script may"
        case .clientFailed: "could not be tried, because ssh failed"
        }
    }

    private var advice: String {
        switch reason {
        case .unreachable:
            "check that the host is up and that the address and port in the Terraform output are right, bastion included"
        case .unknownHostKey:
            "verify the key on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then pin it in the inputs "
                + "(ssh_hosts_keys, bastion_host_key) or add it to your known_hosts file (ssh-keyscan), or to one of its own "
                + "(--ssh-known-hosts)"
        case .changedHostKey:
            "somebody may be in between, or the host was rebuilt: verify the key on the host, then correct the "
                + "known_hosts file or the pinned key"
        case .authenticationRefused:
            "check the user, and that the private key or the agent's key is one that the host accepts"
        case .rootRefused:
            "log in as root, or allow the user sudo without a password (NOPASSWD) on this host"
        case .forwardingForbidden:
            "atrest reaches the API server and etcd through ssh: set \"AllowTcpForwarding local\" (or yes) for this user "
                + "in the host's sshd_config"
        case .sessionRefused:
            "atrest needs at least 4 sessions on one connection: raise MaxSessions in the host's sshd_config"
        case .lost, .timedOut:
            "run the same command again: it looks at what the host has and continues from there"
        case .tooMuchOutput:
            "look for a command on the host that prints without end"
        case .clientFailed:
            "check that the OpenSSH client (8.0 or later) is installed, and \"ssh -G\" with your configuration"
        }
    }
}

/// Every host that could not be reached, together: one round of corrections is enough.
package struct UnreachableHosts: Error, Hashable, Sendable, CustomStringConvertible {
    /// In inventory order; at least one.
    package let failures: [SSHFailure]

    package var description: String {
        failures.map(\.description).joined(separator: "\n")
    }
}
