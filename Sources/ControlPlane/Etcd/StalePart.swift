package import Reconciliation

/// What is to be written anew in the first part of a range.
package struct StalePart: Sendable {
    package let stale: [ObjectName]
    /// How many objects of the part are as wanted.
    package let fresh: Int
    /// How many objects the range has, this part and all that is behind it.
    package let count: Int
    /// What lies behind the part; nil at the range's end.
    package let rest: KeyRange?

    package init(stale: [ObjectName], fresh: Int, count: Int, rest: KeyRange?) {
        self.stale = stale
        self.fresh = fresh
        self.count = count
        self.rest = rest
    }
}

/// An object of a resource, as a path of the API names it.
package struct ObjectName: Hashable, Sendable {
    /// Nil for what belongs to no namespace.
    package let namespace: String?
    package let name: String

    package init(namespace: String?, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Nil for a key that is none of an object's: `NAMESPACE/NAME` or `NAME` stand behind the directory.
    init?(_ key: [UInt8], below directory: KeyRange, isNamespaced: Bool) {
        let parts = key.dropFirst(directory.start.count)
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == (isNamespaced ? 2 : 1), let last = parts.last, !last.isEmpty else { return nil }
        name = String(decoding: last, as: UTF8.self)
        namespace = isNamespaced ? String(decoding: parts[0], as: UTF8.self) : nil
    }
}

extension StorageClassifier {
    /// Which objects of the first part of a range are not stored under a form; `wanted` is nil where all are to be written anew.
    ///
    /// What is written meanwhile may count as either: writing what is fresh does no harm, and the look at etcd behind a rewrite
    /// finds what that has left. `range` is the directory, or what a part before has left of it.
    package func firstPart(
        of range: KeyRange, below directory: KeyRange, isNamespaced: Bool, notStoredAs wanted: StoredForm?
    ) async throws -> StalePart {
        let chunk = try await firstChunk(of: range)
        let stale = try await stale(among: chunk.keys.map(\.bytes), in: chunk.range, wanted)
        return StalePart(
            stale: stale.compactMap { ObjectName($0, below: directory, isNamespaced: isNamespaced) },
            fresh: max(0, chunk.keys.count - stale.count), count: chunk.count, rest: chunk.rest)
    }

    private func stale(among keys: [[UInt8]], in chunk: KeyRange, _ wanted: StoredForm?) async throws -> [[UInt8]] {
        guard let wanted, !keys.isEmpty else { return keys }
        let band = ValueBand(of: wanted)
        // Nearly always all of a part is stored alike.
        async let below = gateway.compare([.valuesBelow(band.lower, chunk)], counting: chunk)
        async let within = gateway.compare(
            [.valuesAbove(band.lower, chunk), .valuesBelow(band.upper, chunk)], counting: chunk)
        async let above = gateway.compare([.valuesAbove(band.upper, chunk)], counting: chunk)
        let answers = try await (below: below, within: within, above: above)
        if answers.within.holds { return band.isWanted ? [] : keys }
        if answers.below.holds || answers.above.holds { return band.isWanted ? keys : [] }
        do {
            var sorted = try await SortedChunk(chunk, from: gateway)
            let all = sorted.keys.indices
            let first = try await sorted.firstIndex(notBelow: band.lower, in: all)
            let last = try await sorted.firstIndex(notBelow: band.upper, in: first..<all.upperBound)
            try await sorted.confirm()
            let inside = sorted.keys[first..<last].map(\.bytes)
            return band.isWanted ? (sorted.keys[..<first] + sorted.keys[last...]).map(\.bytes) : inside
        } catch is SortedChunk.Changed {
            return keys
        }
    }
}

/// The values from one bound up to another: those of a form, or those that are not.
private struct ValueBand {
    let lower: [UInt8]
    let upper: [UInt8]
    let isWanted: Bool

    /// Plain text lies on both sides of everything that is encrypted.
    init(of form: StoredForm) {
        isWanted = form.prefix != nil
        lower = form.prefix.map { Array($0.utf8) } ?? FormOrder.encrypted
        upper = lower.behindPrefix
    }
}
