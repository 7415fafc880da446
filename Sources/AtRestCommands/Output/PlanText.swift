internal import Reconciliation

/// A plan in words, for standard output.
struct PlanText {
    let clusterName: String
    let observed: ObservedCluster
    let intent: EncryptionIntent
    let plan: Plan

    func render() -> String {
        guard !plan.isEmpty else {
            return (["Nothing to do: \(state)."] + sentences + intent.notes).joined(separator: "\n") + "\n"
        }
        var lines = sentences
        lines += ["Cluster \"\(clusterName)\", \(plural(observed.hosts.count, "control-plane host")): \(state)."]
        lines += (found.map { [$0] } ?? []) + fromArchive + intent.notes + [""]
        var heading: String?
        var named: Set<HostName> = []
        for item in plan.items {
            let next = self.heading(of: item)
            if next != heading {
                lines.append(next)
                heading = next
            }
            let isFirst = item.step.host.map { named.insert($0).inserted } ?? false
            lines.append("  " + line(item, found: isFirst ? findings(for: item.step) : []))
        }
        lines += ["", summary]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What the cluster is like after the plan was carried out, as observed.
    func renderResult() -> String {
        (["Done: \(state), as etcd shows it."] + sentences).joined(separator: "\n") + "\n"
    }

    /// What a custom configuration writes as plain text.
    private var sentences: [String] {
        guard case .custom(let custom) = intent.desired else { return [] }
        return CustomText.warnings(custom.configuration, stored: observed.stored).map { "Note: \($0)." }
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
