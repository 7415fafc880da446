internal import Reconciliation

/// A plan in words, for standard output.
struct PlanText {
    let report: PlanReport
    let style: TextStyle
    /// The keys' short names, below the block that has the whole ones.
    let labels: KeyLabels

    init(report: PlanReport, style: TextStyle = .plain) {
        self.report = report
        self.style = style
        labels = KeyLabels(report.keys.map(\.key))
    }

    func render() -> String {
        guard !report.plan.isEmpty else {
            return (["Nothing to do: \(report.observed.storageWords)."] + report.sentences + report.intent.notes)
                .joined(separator: "\n") + "\n"
        }
        let hosts = plural(report.observed.hosts.count, "control-plane host")
        let first = "Cluster \"\(report.clusterName)\", \(hosts): \(report.observed.storageWords)."
        var lines = report.sentences + [first]
        lines += (report.found.map { [$0] } ?? []) + report.fromArchive + report.intent.notes
        lines += ["", style(.bold, "Keys:")] + keyLines
        for section in report.sections {
            lines += ["", style(.bold, section.heading)] + section.indices.flatMap(self.lines)
        }
        lines += ["", style(.bold, "Plan:") + " \(summary)."]
        return lines.joined(separator: "\n") + "\n"
    }
}

extension PlanReport {
    /// What a custom configuration writes as plain text.
    var warnings: [String] {
        guard case .custom(let custom) = intent.desired else { return [] }
        return CustomText.warnings(custom.configuration, stored: observed.stored)
    }

    /// The same, as lines.
    var sentences: [String] { warnings.map { "Note: \($0)." } }

    /// What the cluster is like after the plan was carried out, as it was observed then.
    func resultText(_ final: ObservedCluster) -> String {
        let warnings = PlanReport(
            clusterName: clusterName, observed: final, intent: intent, plan: plan, freshKey: freshKey, now: now
        ).sentences
        return (["Done: \(final.storageWords), as etcd shows it."] + warnings).joined(separator: "\n") + "\n"
    }
}

extension ObservedCluster {
    /// What etcd holds, resource by resource.
    var storageWords: String {
        let parts = stored.sorted { $0.key < $1.key }.map { resource, objects in
            let forms = objects.forms.sorted().map(\.description).joined(separator: " and ")
            return objects.count == 0
                ? "no \(resource) are stored" : "\(grouped(objects.count)) \(resource) stored as \(forms)"
        }
        return parts.isEmpty ? "nothing is encrypted" : parts.joined(separator: ", ")
    }
}
