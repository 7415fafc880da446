internal import Reconciliation

/// Which keys come from the operator's archive, and why.
extension PlanText {
    var fromArchive: [String] {
        let taken = plan.items.reduce(into: Set<Key>()) { $0.formUnion($1.step.keys) }
        let files = observed.archivedKeys.filter { taken.contains($0.key) }
        return files.sorted { $0.key < $1.key }.map { key, file in
            let resources = observed.stored.filter { $0.value.forms.contains(key.storedForm) }.keys.sorted()
            return "etcd holds \(resources.map(\.text).joined(separator: ", ")) stored under \(key), which is on no host: it "
                + "is read with the key from the archive, \(file)."
        }
    }
}
