package import Reconciliation

/// The ssh client's configuration for an inventory, as text.
///
/// Every value from the operator's inputs reaches ssh through this file only, quoted; none is ever an argument.
package struct SSHConfigurationFile: Sendable {
    package let inventory: Inventory
    let hostKeys: HostKeyPolicy
    /// The private directory that the paths in the text point into.
    package let directory: String

    private let bastions: [BastionAccess]

    /// Throws `UnsafeSSHValue` where a value could mean more to ssh than itself.
    package init(
        inventory: Inventory, hostKeys: HostKeyPolicy = HostKeyPolicy(), directory: String
    ) throws(UnsafeSSHValue) {
        self.inventory = inventory
        self.hostKeys = hostKeys
        self.directory = directory
        var bastions: [BastionAccess] = []
        for host in inventory.hosts {
            guard let access = BastionAccess(host) else { continue }
            if !bastions.contains(access) {
                bastions.append(access)
            }
        }
        self.bastions = bastions
        try validate()
    }

    package static func alias(of host: HostName) -> String { "atrest-\(host)" }

    package func controlPath(of host: HostName) -> String {
        let index = inventory.hosts.firstIndex { $0.name == host } ?? inventory.hosts.count
        return "\(directory)/\(index).master"
    }

    package var knownHostsPath: String { "\(directory)/known_hosts" }

    /// For the master connections: everything about the way to each host, then the user's own configuration.
    ///
    /// The first value wins in ssh, so what is set here cannot be overridden. `Match final` makes ssh read the included files
    /// in its second pass, in which the user's `Host` lines are compared with the real host name instead of the alias.
    package var masterText: String {
        let sections = bastions.indices.map(bastionSection) + inventory.hosts.map(hostSection) + [commonSection]
        return """
            # For options below, and in the user's files, that this ssh is too old for or not patched for.
            IgnoreUnknown *

            """ + sections.joined() + """
                Match final all
                    Include ~/.ssh/config
                    Include /etc/ssh/ssh_config

                """
    }

    /// For the calls over a master: where its socket is, and no way to a host but through it.
    package var callText: String {
        let sections = inventory.hosts.map { host in
            section(Self.alias(of: host.name), [("ControlPath", controlPath(of: host.name))])
        }
        return sections.joined() + """
            Host *
                ControlMaster no
                ProxyCommand false
                BatchMode yes
                RequestTTY no
                LogLevel ERROR
                StreamLocalBindMask 0177
                StreamLocalBindUnlink yes

            """
    }

    /// The pinned host keys, by alias.
    package var knownHostsText: String {
        let pinned =
            inventory.hosts.map { (alias: Self.alias(of: $0.name), key: $0.ssh.hostKey) }
            + bastions.indices.map { (alias: bastionAlias($0), key: bastions[$0].bastion.hostKey) }
        return pinned.map { entry in entry.key.map { "\(entry.alias) \($0)\n" } ?? "" }.joined()
    }
}

extension SSHConfigurationFile {
    private func hostSection(_ host: Host) -> String {
        let alias = Self.alias(of: host.name)
        var options = [
            ("HostName", host.address), ("Port", String(host.ssh.port)), ("User", host.ssh.user),
            ("ControlMaster", "yes"), ("ControlPath", controlPath(of: host.name)),
        ]
        options += identity(host.ssh.privateKeyFile, host.ssh.certificateFile, host.ssh.agentSocket)
        options += pinning(host.ssh.hostKey, alias: alias)
        if let access = BastionAccess(host), let index = bastions.firstIndex(of: access) {
            options.append(("ProxyJump", bastionAlias(index)))
        }
        return section(alias, options)
    }

    private func bastionSection(_ index: Int) -> String {
        let access = bastions[index]
        var options = [
            ("HostName", access.bastion.address), ("Port", String(access.bastion.port)),
            ("User", access.bastion.user), ("ControlMaster", "no"), ("ControlPath", "none"),
        ]
        options += identity(access.privateKeyFile, access.certificateFile, access.agentSocket)
        options += pinning(access.bastion.hostKey, alias: bastionAlias(index))
        return section(bastionAlias(index), options)
    }

    /// What holds for every connection, whatever the user's configuration says.
    private var commonSection: String {
        """
        Host *
            BatchMode yes
            StrictHostKeyChecking \(hostKeys.acceptsNewHosts ? "accept-new" : "yes")
            NoHostAuthenticationForLocalhost no
            UpdateHostKeys no
            VisualHostKey no
            AddKeysToAgent no
            ForwardAgent no
            ForwardX11 no
            ForwardX11Trusted no
            PermitLocalCommand no
            ClearAllForwardings yes
            Tunnel no
            RemoteCommand none
            RequestTTY no
            SessionType default
            StdinNull no
            ForkAfterAuthentication no
            EscapeChar none
            ControlPersist no
            StreamLocalBindMask 0177
            StreamLocalBindUnlink yes
            LogLevel INFO
            ConnectTimeout 9
            ConnectionAttempts 1
            ServerAliveInterval 5
            ServerAliveCountMax 4

        """ + lines(hostKeys.knownHostsFile.map(believing) ?? [])
    }

    private func identity(
        _ privateKeyFile: String?, _ certificateFile: String?, _ agentSocket: String?
    ) -> [(String, String)] {
        var options: [(String, String)] = []
        if let privateKeyFile {
            options += [("IdentityFile", Self.path(privateKeyFile)), ("IdentitiesOnly", "yes")]
        }
        if let certificateFile {
            options.append(("CertificateFile", Self.path(certificateFile)))
        }
        if let agentSocket {
            let variable = agentSocket.hasPrefix("env:") ? "$" + agentSocket.dropFirst(4) : Self.path(agentSocket)
            options.append(("IdentityAgent", variable))
        }
        return options
    }

    /// A pinned key is the only one that counts, also where new hosts are accepted.
    private func pinning(_ hostKey: String?, alias: String) -> [(String, String)] {
        guard hostKey != nil else { return [] }
        return [("HostKeyAlias", alias), ("StrictHostKeyChecking", "yes")] + believing(knownHostsPath)
    }

    /// No other file than this one says which keys hosts have.
    private func believing(_ knownHosts: String) -> [(String, String)] {
        [
            ("UserKnownHostsFile", knownHosts), ("GlobalKnownHostsFile", "/dev/null"), ("KnownHostsCommand", "none"),
            ("VerifyHostKeyDNS", "no"), ("CheckHostIP", "no"),
        ]
    }

    private func section(_ alias: String, _ options: [(String, String)]) -> String {
        "Host \(alias)\n" + lines(options)
    }

    private func lines(_ options: [(String, String)]) -> String {
        // ProxyJump takes quotes for a part of the name; its value is an alias of ours.
        options.map { $0 == "ProxyJump" ? "    \($0) \($1)\n" : "    \($0) \"\($1)\"\n" }.joined()
    }

    /// Keeps a relative path from being one of ssh's own words, such as `none`.
    private static func path(_ path: String) -> String {
        path.hasPrefix("/") || path.hasPrefix("~") ? path : "./" + path
    }

    /// `atrest-bastion`, `atrest-bastion-2`, …, without those that are hosts' own.
    private func bastionAlias(_ index: Int) -> String {
        let taken = Set(inventory.hosts.map { Self.alias(of: $0.name) })
        let free = (1...(taken.count + index + 1)).lazy
            .map { $0 == 1 ? "atrest-bastion" : "atrest-bastion-\($0)" }
            .filter { !taken.contains($0) }
        return free[free.index(free.startIndex, offsetBy: index)]
    }
}

/// A bastion and what one logs in to it with: the host's own ways where it names no key.
private struct BastionAccess: Hashable, Sendable {
    let bastion: Bastion
    let privateKeyFile: String?
    let certificateFile: String?
    let agentSocket: String?

    init?(_ host: Host) {
        guard let bastion = host.ssh.bastion else { return nil }
        self.bastion = bastion
        privateKeyFile = bastion.privateKeyFile ?? host.ssh.privateKeyFile
        // A certificate is one for its key.
        certificateFile = privateKeyFile == host.ssh.privateKeyFile ? host.ssh.certificateFile : nil
        agentSocket = host.ssh.agentSocket
    }
}
