package import Reconciliation

/// What etcd holds of a range, by form.
package struct StoredCensus: Hashable, Sendable {
    /// Every form under which anything may be stored.
    package private(set) var objects = StoredObjects(count: 0, forms: [])
    /// How many objects are stored under each form.
    ///
    /// A value that may be of two forms, because the name of one key begins the other's, counts for the longer name.
    package private(set) var counts: [StoredForm: Int] = [:]
    /// Some objects of each form, by what their keys in etcd have behind the start of the range: `demo/secret-1`.
    ///
    /// All of them where there are no more than `exampleLimit`.
    package private(set) var examples: [StoredForm: [String]] = [:]
    /// The revision of the newest write of any of them; 0 where there is none.
    package private(set) var newestRevision: Int64 = 0

    /// How many objects are named of each form.
    package static let exampleLimit = 20

    package init() {}

    /// Counts with examples, as a look at etcd would give them.
    package init(counts: [StoredForm: Int], examples: [StoredForm: [String]] = [:], newestRevision: Int64 = 0) {
        self.counts = counts
        self.newestRevision = newestRevision
        self.examples = examples
        objects = StoredObjects(count: counts.values.reduce(0, +), forms: Set(counts.keys))
    }

    /// Adds objects of which each has one of these forms; the likeliest comes first.
    ///
    /// `names` are those of the objects, or some of them.
    mutating func add(_ count: Int, _ forms: [StoredForm], names: some Collection<String>) {
        guard count > 0, let first = forms.first else { return }
        objects.count += count
        objects.forms.formUnion(forms)
        counts[first, default: 0] += count
        addExamples(names, of: first)
    }

    mutating func add(_ other: StoredCensus) {
        objects.count += other.objects.count
        objects.forms.formUnion(other.objects.forms)
        counts.merge(other.counts, uniquingKeysWith: +)
        for (form, names) in other.examples { addExamples(names, of: form) }
    }

    mutating func noteRevisions(of keys: [StoredKey]) {
        newestRevision = max(newestRevision, keys.map(\.modification).max() ?? 0)
    }

    private mutating func addExamples(_ names: some Collection<String>, of form: StoredForm) {
        let present = examples[form]?.count ?? 0
        guard present < Self.exampleLimit, !names.isEmpty else { return }
        examples[form, default: []] += names.prefix(Self.exampleLimit - present)
    }
}
