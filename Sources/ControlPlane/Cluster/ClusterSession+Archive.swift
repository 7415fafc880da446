package import Reconciliation

extension ClusterSession {
    /// An archive, and the moment that this run's keys are dated by.
    struct Archiving {
        let archive: KeyArchive
        /// Seconds since 1970.
        let now: Int
    }

    /// Sees to it that the archive has every key that was found on a host or that the plan puts there.
    ///
    /// From then on also no later step puts a key on a host that the archive does not have.
    ///
    /// - Returns: where each of them is.
    /// - Throws: what `KeyArchive.keep` throws.
    package func keepKeys(of plan: Plan, in archive: KeyArchive, now: Int) throws -> [KeyArchive.Entry] {
        archiving = Archiving(archive: archive, now: now)
        let found = probes.values.flatMap(\.keyMaterial.keys)
        return try keep(Set(found).union(plan.items.flatMap(\.step.keys)))
    }

    /// Sees to it that the archive has every key of a step that is about to begin.
    func keepKeys(of step: Step) throws {
        _ = try keep(step.keys)
    }

    /// The keys that the operator's archive has for objects that no host has the key of, and the file of each.
    ///
    /// No other file is opened; a secret that was read from one is known to later steps.
    ///
    /// - Throws: `CannotOpenArchivedKey`.
    func keysFromArchive(for forms: Set<StoredForm>) throws -> [Key: String] {
        guard let archivedKeys else { return [:] }
        for form in forms where openedKeys[form] == nil {
            var files: [Key: String] = [:]
            for found in try archivedKeys.keys(for: form) {
                material.merge(found.key.material)
                files[found.key.label.key] = found.path
            }
            openedKeys[form] = files
        }
        return forms.reduce(into: [:]) { keys, form in keys.merge(openedKeys[form] ?? [:]) { known, _ in known } }
    }

    private func keep(_ keys: Set<Key>) throws -> [KeyArchive.Entry] {
        guard let archiving else { return [] }
        return try archiving.archive.keep(
            keys, of: material, cluster: inventory.clusterName, hosts: inventory.hosts.map(\.name), now: archiving.now)
    }
}
