internal import Reconciliation

/// A line for each step, below the heading of its round.
extension PlanText {
    func heading(of item: Plan.Item) -> String {
        switch item.step {
        case .configure(_, _, .readableEverywhere), .stage: "Round 1: every API server can read what any will write"
        case .settle: "Barrier: no process is left that does not know better"
        case .recordInKubeadm where item.reason == .kubeadmHasMore: "Round 4: remove what nothing needs"
        case .recordInKubeadm: "kubeadm-config: what an upgrade or a join would otherwise drop"
        case .configure(_, _, .writeWithWanted): "Round 2: every API server writes with the wanted key"
        case .rewrite: "Round 3: rewrite what is stored"
        case .removeFromKubeadm, .configure(_, _, .prune), .tidy: "Round 4: remove what nothing needs"
        }
    }

    func line(_ item: Plan.Item, found: [HostFinding]) -> String {
        switch item.step {
        case .configure(let host, .removed, _):
            let why = found.isEmpty ? "" : " (\(words(found)))"
            return "~ \(host)  remove flag, mounts and file; restart kube-apiserver\(why)"
        case .configure(let host, .custom(let custom), _):
            return
                "~ \(host)  the configuration as the manifest has it (\(keys(of: .custom(custom)))); restart kube-apiserver"
                + (found.isEmpty ? "" : " (\(words(found)))")
        case .configure(let host, let target, _):
            return "~ \(host)  \(keys(of: target)); restart kube-apiserver (\(because(item, found: found)))"
        case .stage(let host, .removed):
            return "- \(host)  the file; no control plane yet"
        case .stage(let host, let target):
            return "+ \(host)  \(keys(of: target)); no control plane yet, only the file"
        case .settle(let hosts):
            return "  wait until the old API servers of \(hosts.map(\.text).joined(separator: ", ")) are gone"
        case .recordInKubeadm where item.reason == .kubeadmHasMore:
            return "~ remove the volumes that no KMS needs any more from the kubeadm-config ConfigMap"
        case .recordInKubeadm:
            return "~ add the flag and the volumes to the kubeadm-config ConfigMap"
        case .tidy(let hosts):
            return "- \(hosts.map(\.text).joined(separator: ", "))  what a step that was cut short left behind"
        case .removeFromKubeadm:
            return "~ remove the flag and the volumes from the kubeadm-config ConfigMap"
        case .rewrite(let rewrites):
            return rewrites.map { rewrite in
                let count = observed.stored[rewrite.resource]?.count ?? 0
                return "~ \(grouped(count)) \(rewrite.resource) → \(rewrite.key)"
            }.joined(separator: "\n  ")
        }
    }

    private func keys(of target: Target) -> String {
        target.configuration.keysByResource.joined(separator: "; ")
    }
}

extension EncryptionConfiguration {
    /// For each resource what writes it and what else is read: `secrets: write aescbc:new, read aescbc:old, identity`.
    var keysByResource: [String] {
        resources.map { resource in
            let ring = keyRing(for: resource)
            let others = ring.others.map(\.description).joined(separator: ", ")
            return "\(resource): write \(ring.writeKey)" + (others.isEmpty ? "" : ", read \(others)")
        }
    }
}

extension Step {
    /// The only host that a step changes.
    var host: HostName? {
        switch self {
        case .configure(let host, _, _), .stage(let host, _): host
        case .settle, .recordInKubeadm, .removeFromKubeadm, .rewrite, .tidy: nil
        }
    }
}
