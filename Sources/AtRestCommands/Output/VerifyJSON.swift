internal import ControlPlane
internal import Reconciliation

/// What verify found, for programs; a field is left out where what it says is not known.
struct VerifyJSON: Encodable {
    let cluster: String
    let verdict: VerifyReport.Verdict
    let resources: [Resource]
    let differences: [String]
    let unknowns: [String]
    let notes: [String]

    struct Resource: Encodable {
        let name: String
        let declaredAs: String?
        let objects: Int
        let stored: [Stored]
    }

    struct Stored: Encodable {
        let storedAs: String
        let objects: Int
        let isAsDeclared: Bool
        let isKeyMissing: Bool
        /// Some of the objects, where they are stored otherwise.
        let names: [String]?
    }

    init(_ report: VerifyReport) {
        cluster = report.clusterName
        verdict = report.verdict
        differences = report.differences
        unknowns = report.unknowns
        notes = report.notes
        resources = report.resources.map { resource in
            let odd = Dictionary(uniqueKeysWithValues: resource.odd.map { ($0.form, $0.names) })
            return Resource(
                name: resource.name.text, declaredAs: resource.declared?.storedForm.description,
                objects: resource.census.objects.count,
                stored: resource.census.counts.sorted { $0.key < $1.key }.map { form, count in
                    Stored(
                        storedAs: form.description, objects: count, isAsDeclared: form == resource.declared?.storedForm,
                        isKeyMissing: report.formsWithoutKey.contains(form), names: odd[form])
                })
        }
    }
}
