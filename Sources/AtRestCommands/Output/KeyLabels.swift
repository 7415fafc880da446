internal import Reconciliation

/// Short names of keys, for lines below a list that has the whole ones.
struct KeyLabels: Sendable {
    private var labels: [StoredForm: String] = [:]

    /// A key that atrest made is called by the end of its name, where no other one ends so.
    init(_ keys: [Key]) {
        let ours = keys.filter(\.isOurs)
        for (ending, keys) in Dictionary(grouping: ours, by: { $0.name.suffix(4) }) where keys.count == 1 {
            labels[keys[0].storedForm] = "…\(ending)"
        }
    }

    func callAsFunction(_ key: Key) -> String { labels[key.storedForm] ?? key.description }

    func callAsFunction(_ form: StoredForm) -> String { labels[form] ?? form.description }
}
