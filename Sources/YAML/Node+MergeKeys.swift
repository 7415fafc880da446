/// The pairs of a mapping with merge keys (`<<: *base`) replaced by what they bring, as Kubernetes' parser does.
package struct MergedMapping {
    package private(set) var pairs: [Node.Pair] = []
    /// Where a key is given once more: by the mapping itself, or by a merge key.
    ///
    /// A strict parser, as KubeOne's is, refuses that; a lax one takes what stands last.
    package private(set) var repetitions: [Repetition] = []
    private var indices: [String: Int] = [:]

    package struct Repetition: Hashable, Sendable {
        package let key: String
        package let place: Mark
    }

    fileprivate init(_ pairs: [Node.Pair]) {
        add(pairs, mergedAt: nil)
    }

    private mutating func add(_ pairs: [Node.Pair], mergedAt place: Mark?) {
        for pair in pairs {
            if pair.isMerge {
                // Of a list the first one wins.
                for base in (pair.value.sequence ?? [pair.value]).reversed() {
                    add(base.mapping ?? [], mergedAt: place ?? pair.key.start)
                }
            } else {
                add(pair, mergedAt: place)
            }
        }
    }

    private mutating func add(_ pair: Node.Pair, mergedAt place: Mark?) {
        guard let key = pair.key.scalar, let index = indices[key] else {
            if let key = pair.key.scalar { indices[key] = pairs.count }
            pairs.append(pair)
            return
        }
        pairs[index] = pair
        repetitions.append(Repetition(key: key, place: place ?? pair.key.start))
    }
}

extension Node {
    /// The pairs of a mapping, and what merge keys bring.
    package var mergedMapping: MergedMapping? { mapping.map(MergedMapping.init) }
}

extension Node.Pair {
    /// True for a plain `<<` that names a mapping or a list of mappings.
    fileprivate var isMerge: Bool {
        guard case .scalar("<<", isPlain: true) = key.content else { return false }
        return (value.sequence ?? [value]).allSatisfy { $0.mapping != nil }
    }
}
