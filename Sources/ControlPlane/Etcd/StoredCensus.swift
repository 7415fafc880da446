package import Reconciliation

/// What etcd holds of a range, by form.
package struct StoredCensus: Hashable, Sendable {
    /// Every form under which anything may be stored.
    package private(set) var objects = StoredObjects(count: 0, forms: [])
    /// How many objects are stored under each form.
    ///
    /// A value that may be of two forms, because the name of one key begins the other's, counts for the longer name.
    package private(set) var counts: [StoredForm: Int] = [:]

    package init() {}

    /// Adds objects of which each has one of these forms; the likeliest comes first.
    mutating func add(_ count: Int, _ forms: [StoredForm]) {
        guard count > 0, let first = forms.first else { return }
        objects.count += count
        objects.forms.formUnion(forms)
        counts[first, default: 0] += count
    }

    mutating func add(_ other: StoredCensus) {
        objects.count += other.objects.count
        objects.forms.formUnion(other.objects.forms)
        counts.merge(other.counts, uniquingKeysWith: +)
    }
}
