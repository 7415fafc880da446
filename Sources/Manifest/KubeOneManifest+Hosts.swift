internal import YAML

extension KubeOneManifest {
    static func hosts(in fields: Fields, _ findings: inout Findings) -> [DeclaredHost] {
        guard let controlPlane = fields.fields("controlPlane", nil, &findings) else { return [] }
        controlPlane.refuseMisspelt(["hosts"], &findings)
        var hosts: [DeclaredHost] = []
        for node in controlPlane.list("hosts", &findings) ?? [] {
            if node.isNull { findings.add("a host must be a mapping, here stands nothing", at: node.start) }
            guard let host = Fields(node, "a host", &findings) else { continue }
            hosts.append(DeclaredHost(manifestHost: host, &findings))
        }
        return hosts
    }
}

extension DeclaredHost {
    fileprivate init(manifestHost fields: Fields, _ findings: inout Findings) {
        self.init(place: findings.place(fields.start), names: .manifest)
        fields.refuseUnknown(known: FieldNames.manifestAll, &findings)
        publicAddress = fields.value(names.publicAddress, &findings, HostAddress.init)
        privateAddress = fields.value(names.privateAddress, &findings, HostAddress.init)
        hostname = fields.value(names.hostname, &findings, HostAddress.init)
        hostKey = fields.value(names.hostKey, &findings, HostKey.init(base64:))
        readAccess(from: fields, &findings)
    }
}

extension DeclaredHost.FieldNames {
    fileprivate static let manifest = Self(
        publicAddress: "publicAddress", privateAddress: "privateAddress", hostname: "hostname", port: "sshPort",
        user: "sshUsername", privateKeyFile: "sshPrivateKeyFile", certificateFile: "sshCertFile",
        agentSocket: "sshAgentSocket", hostKey: "sshHostPublicKey", bastion: "bastion", bastionPort: "bastionPort",
        bastionUser: "bastionUser", bastionPrivateKeyFile: "bastionPrivateKeyFile",
        bastionHostKey: "bastionHostPublicKey")

    /// Every field of a host that KubeOne knows, those that mean nothing here at the end.
    fileprivate static let manifestAll = [
        "publicAddress", "privateAddress", "hostname", "sshPort", "sshUsername", "sshPrivateKeyFile", "sshCertFile",
        "sshAgentSocket", "sshHostPublicKey", "bastion", "bastionPort", "bastionUser", "bastionPrivateKeyFile",
        "bastionHostPublicKey", "ipv6Addresses", "isLeader", "taints", "labels", "annotations", "kubelet",
        "operatingSystem",
    ]
}
