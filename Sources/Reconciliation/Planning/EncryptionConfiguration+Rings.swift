extension EncryptionConfiguration {
    /// Entries that give each name its keys, so that an API server takes them.
    ///
    /// What an API server of 1.27 or later does not load: an entry behind one whose wildcard covers a name of it, a wildcard in
    /// two entries, names in one list of which one covers the other. And a KMS v2 name that stands twice; where it loads the
    /// file again by itself, a KMS v1 name too.
    ///
    /// A name that a wildcard gives all its keys anyway, the write key first, has no entry of its own.
    ///
    /// - Parameters:
    ///   - rings: for each name its keys, the write key first.
    ///   - reloads: whether the API server loads the file again by itself.
    /// - Throws: `Refusal.kmsOrder` and `.kmsBesideWildcard` where nothing gives all of them their keys.
    init(giving rings: [(resource: ResourceName, keys: [Key])], toReloading reloads: Bool = false) throws(Refusal) {
        let isSingle = { (key: Key) in key.mayStandOnlyOnce(reloads: reloads) }
        var names = NamedRings(rings)
        try names.unite(isSingle)
        let (plain, wild) = names.groups(isSingle)
        let entries = try Self.split(plain, isSingle) + Self.inOrder(wild)
        for key in Set(entries.flatMap(\.keys)).filter(isSingle).sorted() {
            guard entries.count(where: { $0.keys.contains(key) }) == 1 else { throw .kmsOrder([key]) }
        }
        self.init(entries: entries)
    }

    /// Entries without a wildcard in which each single provider stands in exactly one.
    ///
    /// Where two resources have one in different company, it gets an entry of its own that names them all, between the entries
    /// with what comes before and behind it.
    private static func split(_ groups: [Entry], _ isSingle: (Key) -> Bool) throws(Refusal) -> [Entry] {
        let single = Set(groups.flatMap(\.keys).filter(isSingle))
        guard single.contains(where: { key in groups.count(where: { $0.keys.contains(key) }) > 1 }) else {
            return groups
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
        return (entries + rest).filter { !$0.keys.isEmpty }
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

    /// Entries with wildcards, each behind those with a name that it covers.
    private static func inOrder(_ groups: [Entry]) throws(Refusal) -> [Entry] {
        var entries: [Entry] = []
        var rest = groups
        while !rest.isEmpty {
            let next = rest.firstIndex { entry in
                rest.allSatisfy { other in
                    other == entry || !entry.resources.contains { name in other.resources.contains(where: name.covers) }
                }
            }
            // Only what shares a single provider stands beside a wildcard.
            guard let next else { throw .kmsOrder(Set(rest.flatMap(\.keys)).filter { $0.isKMS }.sorted()) }
            entries.append(rest.remove(at: next))
        }
        return entries
    }
}

/// For each name its keys, while it is worked out which of them need an entry.
private struct NamedRings {
    typealias Entry = EncryptionConfiguration.Entry

    /// In the order in which they were given.
    private var names: [ResourceName]
    private var keys: [ResourceName: [Key]]

    init(_ rings: [(resource: ResourceName, keys: [Key])]) {
        names = rings.map(\.resource)
        keys = Dictionary(rings.map { ($0.resource, $0.keys) }, uniquingKeysWith: { first, _ in first })
        dropCovered()
    }

    /// Leaves out what the next wider name gives anyway; without one that is plain text.
    private mutating func dropCovered() {
        // The widest first: what is left out there changes what the next wider name of others is.
        for name in names.sorted(by: { $0.width > $1.width }) {
            guard let ring = keys[name] else { continue }
            let wider = [name.groupWildcard, .everything].first { $0 != name && keys[$0] != nil }
            let inherited = wider.flatMap { keys[$0] } ?? [.identity]
            if inherited.first == ring.first, Set(ring).isSubset(of: inherited) { keys[name] = nil }
        }
        names.removeAll { keys[$0] == nil }
    }

    /// Gives names the same keys where they share a single provider with a wildcard: they cannot have entries of their own.
    mutating func unite(_ isSingle: (Key) -> Bool) throws(Refusal) {
        while let (wildcard, name, key) = clash(isSingle) {
            guard let first = keys[wildcard], let second = keys[name] else { return }
            guard first.first == second.first else { throw .kmsBesideWildcard(key, wildcard, name) }
            let united = (first + second.filter { !first.contains($0) }).plaintextBehind
            keys[wildcard] = united
            keys[name] = united
            dropCovered()
        }
    }

    private func clash(_ isSingle: (Key) -> Bool) -> (wildcard: ResourceName, name: ResourceName, key: Key)? {
        for wildcard in names where wildcard.isWildcard {
            for key in (keys[wildcard] ?? []).filter(isSingle) {
                let other = names.first { name in
                    guard name != wildcard, let ring = keys[name], ring.contains(key) else { return false }
                    return ring != keys[wildcard]
                }
                if let other { return (wildcard, other, key) }
            }
        }
        return nil
    }

    /// Names with the same keys together: those that stand without a wildcard, and those that stand with one.
    func groups(_ isSingle: (Key) -> Bool) -> (plain: [Entry], wild: [Entry]) {
        let single = Set(names.filter(\.isWildcard).flatMap { keys[$0] ?? [] }.filter(isSingle))
        let isWild = { (name: ResourceName) in
            name.isWildcard || !single.isDisjoint(with: keys[name] ?? [])
        }
        return (grouped(names.filter { !isWild($0) }), grouped(names.filter(isWild)))
    }

    private func grouped(_ names: [ResourceName]) -> [Entry] {
        var groups: [Entry] = []
        for name in names {
            let ring = keys[name] ?? []
            let same = groups.firstIndex { group in
                group.keys == ring && !group.resources.contains { $0.covers(name) || name.covers($0) }
            }
            if let same {
                groups[same] = Entry(resources: groups[same].resources + [name], keys: ring)
            } else {
                groups.append(Entry(resources: [name], keys: ring))
            }
        }
        return groups
    }
}

extension ResourceName {
    /// More for a wildcard that covers more.
    fileprivate var width: Int { self == .everything ? 2 : isWildcard ? 1 : 0 }
}

extension [Key] {
    /// The write key, the others, and plain text as the last one that is tried.
    fileprivate var plaintextBehind: [Key] {
        prefix(1) + dropFirst().filter { $0 != .identity } + dropFirst().filter { $0 == .identity }
    }
}

extension Key {
    fileprivate var isKMS: Bool {
        if case .kms = self { true } else { false }
    }

    /// As validateKMSConfigName of kube-apiserver.
    fileprivate func mayStandOnlyOnce(reloads: Bool) -> Bool {
        switch self {
        case .kms(.v2, _, _): true
        case .kms(.v1, _, _): reloads
        case .identity, .local: false
        }
    }
}
