extension Node {
    /// The pairs of a mapping with merge keys (`<<: *base`) replaced by what they bring, as Kubernetes' parser does.
    ///
    /// A key of the mapping itself wins over a merged one, an earlier merged mapping over a later one.
    package var mergedMapping: [Pair]? {
        guard let pairs = mapping else { return nil }
        guard pairs.contains(where: { $0.isMerge }) else { return pairs }
        var merged = pairs.filter { !$0.isMerge }
        var seen = Set(merged.compactMap(\.key.scalar))
        for base in pairs.filter(\.isMerge).flatMap({ $0.value.sequence ?? [$0.value] }) {
            for pair in base.mergedMapping ?? [] {
                if let name = pair.key.scalar, seen.insert(name).inserted { merged.append(pair) }
            }
        }
        return merged
    }
}

extension Node.Pair {
    /// True for a plain `<<` that names a mapping or a list of mappings.
    fileprivate var isMerge: Bool {
        guard case .scalar("<<", isPlain: true) = key.content else { return false }
        return (value.sequence ?? [value]).allSatisfy { $0.mapping != nil }
    }
}
