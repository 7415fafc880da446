/// A control-plane host's name as plans, logs and errors show it; unique in an inventory.
package struct HostName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }

    package static func < (left: HostName, right: HostName) -> Bool { left.text < right.text }
}

/// A control-plane host and the way to it over ssh.
///
/// Values are validated where they are read (module Manifest).
package struct Host: Hashable, Sendable {
    package let name: HostName
    /// The address that ssh dials: the public one, behind a bastion the private one, or what there is.
    package var address: String
    /// The address inside of the cluster's network: the private one, else the public one.
    package var privateAddress: String
    package var ssh: SSHAccess

    package init(name: HostName, address: String, privateAddress: String, ssh: SSHAccess) {
        self.name = name
        self.address = address
        self.privateAddress = privateAddress
        self.ssh = ssh
    }
}

/// How to log in to a host.
package struct SSHAccess: Hashable, Sendable {
    package var port: Int
    package var user: String
    package var privateKeyFile: String?
    package var certificateFile: String?
    /// A path, or `env:NAME` for the path that stands in an environment variable.
    package var agentSocket: String?
    /// The pinned host key as `known_hosts` writes it behind the host: `ssh-ed25519 AAAA…`.
    package var hostKey: String?
    package var bastion: Bastion?

    package init(
        port: Int = 22, user: String = "root", privateKeyFile: String? = nil, certificateFile: String? = nil,
        agentSocket: String? = nil, hostKey: String? = nil, bastion: Bastion? = nil
    ) {
        self.port = port
        self.user = user
        self.privateKeyFile = privateKeyFile
        self.certificateFile = certificateFile
        self.agentSocket = agentSocket
        self.hostKey = hostKey
        self.bastion = bastion
    }
}

/// A jump host in front of a host.
package struct Bastion: Hashable, Sendable {
    package var address: String
    package var port: Int
    package var user: String
    package var privateKeyFile: String?
    /// As in `SSHAccess.hostKey`.
    package var hostKey: String?

    package init(address: String, port: Int = 22, user: String, privateKeyFile: String? = nil, hostKey: String? = nil) {
        self.address = address
        self.port = port
        self.user = user
        self.privateKeyFile = privateKeyFile
        self.hostKey = hostKey
    }
}

/// The whole control plane as the operator declares it.
package struct Inventory: Hashable, Sendable {
    package let clusterName: String
    /// At least one; in the order in which rounds visit them.
    package let hosts: [Host]

    package init(clusterName: String, hosts: [Host]) {
        self.clusterName = clusterName
        self.hosts = hosts
    }
}
