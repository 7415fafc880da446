internal import ControlPlane
internal import Reconciliation

/// Whether all that etcd holds is stored as manifest and hosts declare it.
struct VerifyReport: Sendable {
    enum Verdict: String, Encodable, Sendable {
        case proved
        case different
        /// Nothing was found, and not all could be seen.
        case unproved
    }

    /// One resource, and what of it is stored otherwise.
    struct Resource: Sendable {
        let name: ResourceName
        /// Nil where the hosts do not agree on one.
        let declared: Key?
        let census: StoredCensus
        /// False where it is there only because a wildcard covers it.
        let isNamed: Bool

        /// What is stored otherwise, with how many objects and the names of some: plain text alone where no key is declared.
        var odd: [(form: StoredForm, count: Int, names: [String])] {
            let wanted = declared?.storedForm
            let isOdd = { (form: StoredForm) in wanted.map { form != $0 } ?? (form == .plaintext) }
            return census.counts.filter { isOdd($0.key) }.sorted { $0.key < $1.key }.map { form, count in
                (form, count, (census.examples[form] ?? []).prefix(count).sorted())
            }
        }
    }

    let clusterName: String
    /// In the order of their names.
    let resources: [Resource]
    /// What is otherwise than declared, in plain words.
    let differences: [String]
    /// What could not be seen, in plain words.
    let unknowns: [String]
    /// What the proof does not cover.
    let notes: [String]
    let formsWithoutKey: Set<StoredForm>
    let history: HistorySighting

    var verdict: Verdict {
        differences.isEmpty ? (unknowns.isEmpty ? .proved : .unproved) : .different
    }

    init(clusterName: String, declared: DeclaredEncryption, sighting: ClusterSighting) {
        let declaration = KeyDeclaration(declared, sighting: sighting)
        self.clusterName = clusterName
        history = sighting.history
        formsWithoutKey = sighting.observed.formsWithoutKey
        let named = declaration.names(for: Array(sighting.stored.censuses.keys))
        resources = sighting.stored.censuses.sorted { $0.key < $1.key }.map { name, census in
            Resource(
                name: name, declared: declaration.writeKey(for: name), census: census, isNamed: named.contains(name))
        }
        differences =
            declaration.differences(of: named) + sighting.observed.missingKeys.map(\.description)
            + resources.flatMap(\.differences)
        unknowns = sighting.unknowns
        notes = resources.compactMap(\.note) + sighting.hosts.compactMap(\.note)
    }
}

extension VerifyReport.Resource {
    fileprivate var note: String? {
        guard case .kms(_, let key, _)? = declared else { return nil }
        return "etcd shows that \(name) are stored under kms:\(key), and not under which of its plugin's keys"
    }

    fileprivate var differences: [String] {
        odd.map { "\(name): \(plural($0.count, "object")) stored as \($0.form)" }
    }
}

extension HostSighting {
    fileprivate var note: String? {
        guard found?.host.loaded == .unknown, found?.writer != nil else { return nil }
        return "\(name): what its API server has loaded is not known; what its file says was taken for it"
    }
}

extension ResourceName {
    /// A wildcard that nobody could ask about.
    var unexaminedText: String { "a configuration names \"\(self)\", and no API server says what that covers" }
}

extension ClusterSighting {
    /// What keeps all of it from being known, now or in a moment.
    fileprivate var unknowns: [String] {
        var unknowns = hosts.compactMap { host -> String? in
            if case .unseen(let reason) = host.outcome { return reason }
            return host.found?.host.lingering == LingeringProcess.none
                ? nil : "\(host.name): an old API server does not end, and may still write with what it had"
        }
        switch stored {
        case .unknown(let reason): unknowns.append("what is stored is not known: \(reason)")
        case .known(_, let unexamined):
            unknowns += unexamined.map(\.unexaminedText)
        }
        return unknowns + problems
    }
}
