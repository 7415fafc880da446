extension EncryptionConfiguration {
    /// Entries that give each resource its keys in order, with each KMS v2 provider in exactly one of them.
    ///
    /// An API server loads no file in which a KMS v2 name stands twice. So where two resources have one in different company,
    /// it gets an entry of its own that names them all, between the entries with what comes before and behind it.
    ///
    /// - Throws: `Refusal.kmsOrder` where resources have such providers in different orders.
    init(giving rings: [(resource: ResourceName, keys: [Key])]) throws(Refusal) {
        var groups: [Entry] = []
        for ring in rings {
            if let same = groups.firstIndex(where: { $0.keys == ring.keys }) {
                groups[same] = Entry(resources: groups[same].resources + [ring.resource], keys: ring.keys)
            } else {
                groups.append(Entry(resources: [ring.resource], keys: ring.keys))
            }
        }
        let single = Set(groups.flatMap(\.keys).filter(\.isKMSv2))
        guard single.contains(where: { key in groups.count(where: { $0.keys.contains(key) }) > 1 }) else {
            self.init(entries: groups)
            return
        }
        var entries: [Entry] = []
        var rest = groups
        while let next = try Self.next(of: single, in: rest) {
            for index in rest.indices {
                guard let place = rest[index].keys.firstIndex(of: next) else { continue }
                entries.append(Entry(resources: rest[index].resources, keys: Array(rest[index].keys[..<place])))
            }
            let sharing = rest.filter { $0.keys.contains(next) }.flatMap(\.resources)
            entries.append(Entry(resources: sharing, keys: [next]))
            rest = rest.map { group in
                guard let place = group.keys.firstIndex(of: next) else { return group }
                return Entry(resources: group.resources, keys: Array(group.keys[(place + 1)...]))
            }
        }
        self.init(entries: (entries + rest).filter { !$0.keys.isEmpty })
    }

    /// The provider that no group has behind another one that is still to come; nil where none is left.
    private static func next(of single: Set<Key>, in groups: [Entry]) throws(Refusal) -> Key? {
        let orders = groups.map { $0.keys.filter(single.contains) }.filter { !$0.isEmpty }
        guard !orders.isEmpty else { return nil }
        let next = orders.compactMap(\.first).sorted().first { key in
            orders.allSatisfy { !$0.dropFirst().contains(key) }
        }
        guard let next else { throw .kmsOrder(Set(orders.joined()).sorted()) }
        return next
    }
}

extension Key {
    fileprivate var isKMSv2: Bool {
        if case .kms(.v2, _, _) = self { true } else { false }
    }
}
