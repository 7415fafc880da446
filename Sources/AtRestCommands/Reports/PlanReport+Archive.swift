internal import Reconciliation

/// Which keys come from the operator's archive, and why.
extension PlanReport {
    var fromArchive: [String] {
        let taken = plan.items.reduce(into: Set<Key>()) { $0.formUnion($1.step.keys) }
        let files = observed.archivedKeys.filter { taken.contains($0.key) }
        return files.sorted { $0.key < $1.key }.map { key, file in
            let resources = observed.stored.filter { $0.value.forms.contains(key.storedForm) }.keys.sorted()
            let names = resources.map(\.text).joined(separator: ", ")
            return "etcd holds \(names) stored under \(key), which is on no host: it is taken from the archive, "
                + "\(file), and dropped once all is rewritten."
        }
    }
}
