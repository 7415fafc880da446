internal import Reconciliation
internal import YAML

extension DeclaredHost {
    /// The address that ssh dials; KubeOne's two addresses default to each other.
    ///
    /// A bastion stands in the hosts' own network, where their public addresses need not be reachable.
    var dialledAddress: HostAddress? { bastion == nil ? publicAddress ?? privateAddress : clusterAddress }

    /// The address inside of the cluster's network.
    var clusterAddress: HostAddress? { privateAddress ?? publicAddress }

    /// The host with KubeOne's defaults; nil where something is missing, which then is among the problems.
    func resolved(in surroundings: Surroundings, _ problems: inout [Problem]) -> Host? {
        guard let dialledAddress, let clusterAddress else {
            problems.append(
                Problem(
                    "no public IP/address given: a host needs \(names.publicAddress) or \(names.privateAddress)",
                    at: place))
            return nil
        }
        let keyFile = path(privateKeyFile, names.privateKeyFile, surroundings, &problems)
        var ssh = SSHAccess(port: port ?? Self.defaultPort, user: user?.text ?? Self.defaultUser)
        ssh.privateKeyFile = keyFile
        ssh.certificateFile = path(certificateFile, names.certificateFile, surroundings, &problems)
        ssh.agentSocket = resolvedAgentSocket(surroundings, &problems)
        ssh.hostKey = hostKey?.knownHosts
        if let bastion {
            let bastionKeyFile = path(bastionPrivateKeyFile, names.bastionPrivateKeyFile, surroundings, &problems)
            ssh.bastion = Bastion(
                address: bastion.text, port: bastionPort ?? Self.defaultPort, user: bastionUser?.text ?? ssh.user,
                privateKeyFile: bastionKeyFile ?? keyFile, hostKey: bastionHostKey?.knownHosts)
        }
        return Host(
            name: HostName((hostname ?? dialledAddress).text), address: dialledAddress.text,
            privateAddress: clusterAddress.text, ssh: ssh)
    }

    private static let defaultPort = 22
    private static let defaultUser = "root"
    private static let defaultAgentSocket = "env:SSH_AUTH_SOCK"

    /// What is dialled, and through where: equal for the same machine declared twice.
    var route: String? {
        guard let dialledAddress else { return nil }
        let through = bastion.map { " \($0.canonical) \(bastionPort ?? Self.defaultPort)" } ?? ""
        return "\(dialledAddress.canonical) \(port ?? Self.defaultPort)\(through)"
    }

    private func resolvedAgentSocket(_ surroundings: Surroundings, _ problems: inout [Problem]) -> String? {
        switch agentSocket {
        case .environment(let name): return "env:\(name)"
        case .path(let file): return path(file, names.agentSocket, surroundings, &problems)
        case nil: return privateKeyFile == nil ? Self.defaultAgentSocket : nil
        case .off:
            if privateKeyFile == nil {
                problems.append(
                    Problem(
                        "neither SSH private key nor agent socket given, don't know how to authenticate: "
                            + "give \(names.privateKeyFile), or leave \(names.agentSocket) out for \(Self.defaultAgentSocket)",
                        at: place))
            }
            return nil
        }
    }

    private func path(
        _ file: LocalPath?, _ name: String, _ surroundings: Surroundings, _ problems: inout [Problem]
    ) -> String? {
        guard let file else { return nil }
        do throws(Refusal) {
            return try file.absolute(in: surroundings)
        } catch {
            problems.append(Problem("\(name) \(file.text.quoted) \(error.reason)", at: place))
            return nil
        }
    }
}
