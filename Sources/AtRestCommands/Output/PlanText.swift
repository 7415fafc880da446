internal import Reconciliation

/// A plan in words, for standard output.
struct PlanText {
    let clusterName: String
    let observed: ObservedCluster
    let plan: Plan

    func render() -> String {
        guard !plan.isEmpty else {
            return "Nothing to do: \(state).\n"
        }
        var lines = ["Cluster \"\(clusterName)\", \(plural(observed.hosts.count, "control-plane host")): \(state)."]
        if observed.showsInterruption {
            lines.append("An operation that was cut short was found: finishing it.")
        }
        lines.append("")
        var heading: String?
        for item in plan.items {
            let next = self.heading(of: item.step)
            if next != heading {
                lines.append(next)
                heading = next
            }
            lines.append("  " + line(item))
        }
        lines += ["", summary]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What the cluster is like after the plan was carried out, as observed.
    func renderResult() -> String {
        "Done: \(state), as etcd shows it.\n"
    }

    /// What etcd holds now, resource by resource.
    private var state: String {
        let parts = observed.stored.sorted { $0.key < $1.key }.map { resource, objects in
            let forms = objects.forms.sorted().map(\.description).joined(separator: " and ")
            return objects.count == 0
                ? "no \(resource) are stored" : "\(grouped(objects.count)) \(resource) stored as \(forms)"
        }
        return parts.isEmpty ? "nothing is encrypted" : parts.joined(separator: ", ")
    }

    private func heading(of step: Step) -> String {
        switch step {
        case .configure(_, _, .readableEverywhere), .stage: "Round 1: every API server can read what any will write"
        case .settle: "Barrier: no process is left that does not know better"
        case .recordInKubeadm: "kubeadm-config: what an upgrade or a join would otherwise drop"
        case .configure(_, _, .writeWithWanted): "Round 2: every API server writes with the wanted key"
        case .rewrite: "Round 3: rewrite what is stored"
        case .removeFromKubeadm, .configure(_, _, .prune), .tidy: "Round 4: remove what nothing needs"
        }
    }

    private func line(_ item: Plan.Item) -> String {
        switch item.step {
        case .configure(let host, .removed, _):
            return "~ \(host)  remove flag, mounts and file; restart kube-apiserver"
        case .configure(let host, let target, _):
            return "~ \(host)  \(keys(of: target)); restart kube-apiserver (\(because(item.reason)))"
        case .stage(let host, let target):
            return "+ \(host)  \(keys(of: target)); no control plane yet, only the file"
        case .settle(let hosts):
            return "  wait until the old API servers of \(hosts.map(\.text).joined(separator: ", ")) are gone"
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
        target.configuration.resources.map { resource in
            let ring = target.configuration.keyRing(for: resource)
            let others = ring.others.map(\.description).joined(separator: ", ")
            return "\(resource): write \(ring.writeKey)" + (others.isEmpty ? "" : ", read \(others)")
        }.joined(separator: "; ")
    }

    private func because(_ reason: Reason) -> String {
        switch reason {
        case .missing(let keys): "cannot read \(keys.map(\.description).joined(separator: ", ")) yet"
        case .notLoaded: "has not loaded what is on its disk"
        case .cannotStart: "cannot start with what is on its disk"
        case .writesWith(let key): "writes with \(key)"
        case .storedUnder(let forms): "stored as \(forms.map(\.description).joined(separator: ", "))"
        case .lingering: "an old process may still write"
        case .differsFromWish: "has more than the manifest asks for"
        case .kubeadmWouldDropIt: "kubeadm would drop it"
        case .kubeadmWouldBringItBack: "kubeadm would bring it back"
        case .cutShort: "an earlier run died in the middle of a step"
        case .notJoined: "has no control plane yet"
        }
    }

    private var summary: String {
        var restarts = 0
        var objects = 0
        for item in plan.items {
            switch item.step {
            case .configure: restarts += 1
            case .rewrite(let rewrites):
                objects += rewrites.reduce(0) { $0 + (observed.stored[$1.resource]?.count ?? 0) }
            case .stage, .settle, .tidy, .recordInKubeadm, .removeFromKubeadm: break
            }
        }
        return "Plan: \(plural(restarts, "restart")) of an API server, one at a time; "
            + "\(plural(objects, "object")) to rewrite."
    }
}

/// `1 object`, `2,000 objects`.
func plural(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// A count with a comma behind each third digit from the right.
func grouped(_ count: Int) -> String {
    var text = ""
    for (index, digit) in String(count).reversed().enumerated() {
        if index > 0, index.isMultiple(of: 3), digit != "-" { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}
