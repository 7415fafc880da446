internal import ControlPlane
internal import Manifest
internal import Reconciliation

/// What the inputs declare, in words and a table, for standard output.
struct ValidationText {
    let declared: Declaration

    func render() -> String {
        [heading, hosts, "The inputs are valid. No host was contacted.\n"].joined(separator: "\n")
    }

    private var heading: String {
        let hosts = plural(declared.inventory.hosts.count, "control-plane host")
        return "Cluster \"\(declared.inventory.clusterName)\", \(hosts).\n" + wish
    }

    private var wish: String {
        let place = declared.encryptionPlace
        return switch declared.encryption {
        case .disabled:
            "Wanted: no encryption (\(place)). Everything is stored as plain text; what is encrypted now is decrypted.\n"
        case .managed:
            "Wanted: managed encryption (\(place)). Secrets are encrypted with a key that atrest makes, everything else is "
                + "stored as plain text.\n"
        case .custom(let configuration):
            "Wanted: the custom configuration at \(configuration.place), as it stands there:\n"
                + CustomText.render(configuration.file.configuration)
        }
    }

    private var hosts: String {
        TextTable(
            heading: ["HOST", "ADDRESS", "USER", "PORT", "BASTION", "HOST KEY", "FROM"],
            rows: zip(declared.inventory.hosts, declared.places).map { host, place in
                [
                    host.name.text, host.address, host.ssh.user, "\(host.ssh.port)", host.ssh.bastion?.login ?? "-",
                    hostKeys(of: host.ssh), "\(declared.hostsFrom.name) (\(place))",
                ]
            }
        ).render()
    }

    /// Where the keys come from that the host, and its bastion where it has one, must show.
    private func hostKeys(of ssh: SSHAccess) -> String {
        let own = word(for: ssh.hostKey)
        guard let bastion = ssh.bastion, word(for: bastion.hostKey) != own else { return own }
        return "\(own), bastion \(word(for: bastion.hostKey))"
    }

    private func word(for hostKey: String?) -> String { hostKey == nil ? "known_hosts" : "pinned" }
}

extension InputKind {
    fileprivate var name: String {
        switch self {
        case .manifest: "manifest"
        case .terraform: "Terraform"
        }
    }
}

extension Bastion {
    /// `user@address`, and the port where it is not ssh's own.
    fileprivate var login: String {
        if port == 22 { return "\(user)@\(address)" }
        return "\(user)@\(address.contains(":") ? "[\(address)]" : address):\(port)"
    }
}
