/// The keys of a part of a range in the order of their values, at one revision, and what comparisons say of them.
struct SortedChunk {
    /// An object was written or deleted after the listing: what was compared does not belong together.
    struct Changed: Error {
        let key: StoredKey
    }

    let keys: [StoredKey]
    private let gateway: EtcdGateway
    /// Keys of which a comparison failed, for its value or because the object is not the listed one.
    private var doubted: Set<StoredKey> = []

    init(_ range: KeyRange, from gateway: EtcdGateway) async throws {
        keys = try await gateway.keysSortedByValue(in: range)
        self.gateway = gateway
    }

    /// Whether a listed value lies below a bound; a "no" holds only once `confirm()` has returned.
    mutating func isBelow(_ bound: [UInt8], at index: Int) async throws -> Bool {
        let key = keys[index]
        let answer = try await gateway.compare(
            [.unchanged(key), .valuesBelow(bound, key.range)], counting: key.range)
        guard answer.count == 1 else { throw Changed(key: key) }
        if !answer.holds { doubted.insert(key) }
        return answer.holds
    }

    /// The first index of a range whose value does not lie below a bound; the range's end where all do.
    mutating func firstIndex(notBelow bound: [UInt8]?, in range: Range<Int>) async throws -> Int {
        guard let bound, let last = range.last, try await !isBelow(bound, at: last) else { return range.upperBound }
        var (low, high) = (range.lowerBound, last)
        while low < high {
            let middle = (low + high) / 2
            if try await isBelow(bound, at: middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Throws unless every object that a comparison failed for is still the listed one.
    mutating func confirm() async throws {
        // etcd takes at most 128 comparisons in a transaction unless it is told otherwise.
        while let first = doubted.first {
            let some = doubted.prefix(100)
            let answer = try await gateway.compare(some.map { .unchanged($0) }, counting: first.range)
            guard answer.holds else { throw Changed(key: first) }
            doubted.subtract(some)
        }
    }
}
