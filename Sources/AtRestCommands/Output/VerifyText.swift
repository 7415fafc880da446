internal import ControlPlane
internal import Reconciliation

/// What verify found, for standard output.
struct VerifyText {
    let report: VerifyReport

    func render() -> String {
        let table = TextTable(heading: ["RESOURCE", "OBJECTS", "STORED AS", "DECLARED"], rows: rows).render()
        let sections = [
            report.resources.isEmpty ? "" : table, odd,
            list("Different:", report.differences), list("Not known:", report.unknowns), list("Note:", report.notes),
            history,
            verdict,
        ]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var rows: [[String]] {
        report.resources.flatMap { resource in
            let declared = resource.declared?.storedForm
            let words = declared.map(\.description) ?? "one managed key"
            return resource.census.counts.isEmpty
                ? resource.isNamed ? [[resource.name.text, "0", "-", words]] : []
                : resource.census.counts.sorted { $0.key < $1.key }.map { form, count in
                    [resource.name.text, grouped(count), form.description, form == declared ? "yes" : "no: \(words)"]
                }
        }
    }

    /// The names of objects that are stored otherwise.
    private var odd: String {
        report.resources.flatMap { resource in
            resource.odd.map { form, count, names in
                let more = count > names.count ? ["  and \(grouped(count - names.count)) more"] : []
                return (["\(resource.name) stored as \(form):"] + names.map { "  \($0.printable(limit: 600))" } + more)
                    .map { $0 + "\n" }.joined()
            }
        }.joined(separator: "\n")
    }

    private var history: String {
        switch report.history {
        case .notLookedAt: ""
        case .known(let history): HistoryText(history: history).render()
        case .unknown(let reason): list("History is not known:", [reason])
        }
    }

    private func list(_ heading: String, _ lines: [String]) -> String {
        lines.isEmpty ? "" : "\(heading)\n" + lines.map { "  \($0.replacing("\n", with: "\n    "))\n" }.joined()
    }

    private var verdict: String {
        switch report.verdict {
        case .proved:
            "Proved: all of it is stored as declared, as etcd shows it. Backups were not looked at.\n"
        case .different: "Not stored as declared.\n"
        case .unproved: "Not proved: what could be seen is stored as declared.\n"
        }
    }
}
