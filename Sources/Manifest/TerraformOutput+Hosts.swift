internal import YAML

extension TerraformOutput {
    /// The hosts of one `control_plane` group: parallel lists of addresses and names, and scalars that hold for all.
    static func hosts(in group: Fields, _ findings: inout Findings) -> [DeclaredHost] {
        group.refuseUnknown(known: knownFields, &findings)
        let names = DeclaredHost.FieldNames.terraform
        let lists = [names.publicAddress, names.privateAddress, names.hostname, names.hostKey]
            .compactMap { name in group.list(name, &findings).map { List(name: name, items: $0) } }
            .filter { !$0.items.isEmpty }
        // One list that is longer or shorter would shift names or keys to another host.
        for list in lists.dropFirst() where list.items.count != lists[0].items.count {
            findings.add(
                "\(list.name) has \(list.items.count) entries, but \(lists[0].name) has \(lists[0].items.count): "
                    + "each list must have one for each host",
                at: list.items[0].start)
            return []
        }
        let addresses = lists.first { [names.publicAddress, names.privateAddress].contains($0.name) }
        var shared = DeclaredHost(place: findings.place(group.start), names: names)
        shared.readAccess(from: group, &findings)
        guard let addresses else { return [] }
        return addresses.items.enumerated().map { index, address in
            let entry = { (name: String) in lists.first { $0.name == name }.map { $0.items[index] } }
            var host = shared
            host.place = findings.place(address.start)
            host.publicAddress = entry(names.publicAddress).flatMap {
                Fields.value($0, names.publicAddress, &findings, HostAddress.init)
            }
            host.privateAddress = entry(names.privateAddress).flatMap {
                Fields.value($0, names.privateAddress, &findings, HostAddress.init)
            }
            host.hostname = entry(names.hostname).flatMap {
                Fields.value($0, names.hostname, &findings, HostAddress.init)
            }
            host.hostKey = entry(names.hostKey).flatMap {
                Fields.value($0, names.hostKey, &findings, HostKey.init(base64:))
            }
            return host
        }
    }

    private struct List {
        let name: String
        let items: [Node]
    }

    /// Every field of `control_plane` that KubeOne knows, those that mean nothing here at the end.
    private static let knownFields = [
        "public_address", "private_address", "hostnames", "cluster_name", "ssh_user", "ssh_port",
        "ssh_private_key_file", "ssh_cert_file", "ssh_agent_socket", "ssh_hosts_keys", "bastion", "bastion_port",
        "bastion_user", "bastion_private_key_file", "bastion_host_key", "ipv6_addresses", "cloud_provider", "leader_ip",
        "untaint", "operating_system", "network_id", "vapp_name", "storage_profile", "labels", "annotations", "kubelet",
    ]
}

extension DeclaredHost.FieldNames {
    fileprivate static let terraform = Self(
        publicAddress: "public_address", privateAddress: "private_address", hostname: "hostnames", port: "ssh_port",
        user: "ssh_user", privateKeyFile: "ssh_private_key_file", certificateFile: "ssh_cert_file",
        agentSocket: "ssh_agent_socket", hostKey: "ssh_hosts_keys", bastion: "bastion", bastionPort: "bastion_port",
        bastionUser: "bastion_user", bastionPrivateKeyFile: "bastion_private_key_file",
        bastionHostKey: "bastion_host_key")
}
