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
    let history: History?

    /// Where etcd may still have what was stored before.
    struct History: Encodable {
        let oldestRevision: Int64
        let newestRevision: Int64
        let writtenSince: [String]
        let members: [Member]
    }

    struct Member: Encodable {
        let name: String
        let databaseBytes: Int
        let freeBytes: Int
        let logFiles: Int?
        let logBytes: Int?
    }

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
        if case .known(let found) = report.history { history = History(found) } else { history = nil }
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

extension VerifyJSON.History {
    fileprivate init(_ history: EtcdHistory) {
        oldestRevision = history.oldest
        newestRevision = history.newest
        writtenSince = history.resources.map(\.text)
        members = history.members.map { member in
            let log = member.host.flatMap { history.logs[$0] }
            return VerifyJSON.Member(
                name: member.name, databaseBytes: member.bytes, freeBytes: member.bytes - member.used,
                logFiles: log?.files, logBytes: log?.bytes)
        }
    }
}
