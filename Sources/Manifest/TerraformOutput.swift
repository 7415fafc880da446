internal import YAML

/// What `terraform output -json` says about the control plane.
package struct TerraformOutput: Sendable {
    /// As the operator named it.
    package let file: String
    /// Nil where Terraform gives none.
    package let clusterName: String?
    /// The address of the Kubernetes API; nil where Terraform gives none.
    package let apiEndpoint: HostAddress?
    /// Empty where Terraform knows of no address.
    package let hosts: [DeclaredHost]

    /// The bytes of a Terraform output.
    ///
    /// - Throws: everything that is wrong with it.
    package init(parsing bytes: [UInt8], file: String) throws(InputError) {
        let root = try Self.root(of: bytes, file: file)
        var findings = Findings(file: file)
        guard let outputs = Fields(root, "the Terraform output", &findings) else {
            throw InputError([Problem("this is not a Terraform output; \(Self.advice)", at: Place(file: file))])
        }
        try Self.checkIsOutput(outputs, file: file)
        self.file = file
        let api = outputs.fields("kubeone_api", nil, &findings)?.fields("value", "kubeone_api", &findings)
        api?.refuseUnknown(known: ["endpoint", "apiserver_alternative_names"], &findings)
        apiEndpoint = api?.value("endpoint", &findings, HostAddress.init)
        let groups = Self.controlPlane(in: outputs, &findings)
        clusterName = groups.lazy.compactMap { $0.value("cluster_name", &findings, ClusterName.init)?.text }.first
        hosts = groups.flatMap { Self.hosts(in: $0, &findings) }
        try findings.check()
    }

    /// `control_plane` as a list of groups: it is one mapping, up to KubeOne 0.8 a list of them.
    private static func controlPlane(in outputs: Fields, _ findings: inout Findings) -> [Fields] {
        guard let output = outputs.fields("kubeone_hosts", nil, &findings) else { return [] }
        guard let value = output.fields("value", "kubeone_hosts", &findings) else {
            findings.add("kubeone_hosts has no value; \(advice)", at: output.start)
            return []
        }
        value.refuseUnknown(known: ["control_plane"], &findings)
        guard let node = value["control_plane"] else {
            findings.add(
                "kubeone_hosts has no control_plane: KubeOne's Terraform modules put the hosts there", at: value.start)
            return []
        }
        return (node.sequence ?? [node]).compactMap { Fields($0, "control_plane", &findings) }
    }
}
