package import Reconciliation
internal import YAML

extension Inventory {
    /// The control plane that the inputs declare, with KubeOne's defaults.
    ///
    /// Terraform's hosts and cluster name replace the manifest's, where it has any.
    ///
    /// - Throws: everything that is missing, or that contradicts itself.
    package static func resolve(
        manifest: KubeOneManifest, terraform: TerraformOutput?, surroundings: Surroundings = .current
    ) throws(InputError) -> Inventory {
        var problems: [Problem] = []
        let declared = declared(manifest: manifest, terraform: terraform).hosts
        let hosts = declared.map { $0.resolved(in: surroundings, &problems) }
        if declared.isEmpty {
            let advice =
                terraform.map { "\($0.file.quoted) has no addresses either (kubeone_hosts)" }
                ?? "list them under controlPlane.hosts, or give Terraform's output with -t"
            problems.append(Problem("there are no control-plane hosts: \(advice)", at: Place(file: manifest.file)))
        }
        let name = terraform?.clusterName ?? manifest.name
        if name == nil {
            let text = "the cluster has no name: give name here, or cluster_name in Terraform's output"
            problems.append(Problem(text, at: Place(file: manifest.file)))
        }
        problems += repetitions(among: declared)
        guard problems.isEmpty, let name else { throw InputError(problems) }
        return Inventory(clusterName: name, hosts: hosts.compactMap { $0 })
    }

    /// Which input the hosts are taken from, and where each one stands there, in the inventory's order.
    package static func source(
        manifest: KubeOneManifest, terraform: TerraformOutput?
    ) -> (input: InputKind, places: [Place]) {
        let declared = declared(manifest: manifest, terraform: terraform)
        return (declared.input, declared.hosts.map(\.place))
    }

    private static func declared(
        manifest: KubeOneManifest, terraform: TerraformOutput?
    ) -> (input: InputKind, hosts: [DeclaredHost]) {
        guard let terraform, !terraform.hosts.isEmpty else { return (.manifest, manifest.hosts) }
        return (.terraform, terraform.hosts)
    }

    /// The same machine declared twice would be restarted twice, and a control plane of three would be one of two.
    private static func repetitions(among hosts: [DeclaredHost]) -> [Problem] {
        var problems: [Problem] = []
        var seen: [String: Place] = [:]
        for host in hosts {
            guard let route = host.route, let dialled = host.dialledAddress, let inside = host.clusterAddress else {
                continue
            }
            let name = host.hostname ?? dialled
            let claims = [
                (key: "route \(route)", text: "the address \(dialled.text.quoted)"),
                (key: "inside \(inside.canonical)", text: "the address \(inside.text.quoted)"),
                (key: "name \(name.canonical)", text: "the name \(name.text.quoted)"),
            ]
            for claim in claims {
                if let first = seen[claim.key] {
                    problems.append(Problem("\(claim.text) is already that of the host at \(first)", at: host.place))
                    break
                }
                seen[claim.key] = host.place
            }
        }
        return problems
    }
}

/// The two inputs that can declare hosts.
package enum InputKind: String, Sendable {
    case manifest
    case terraform
}
