package import Reconciliation

/// Tells under which forms objects are stored, by comparisons that etcd makes: no value leaves it.
package struct StorageClassifier: Sendable {
    let gateway: EtcdGateway

    package init(gateway: EtcdGateway) {
        self.gateway = gateway
    }

    /// What a range holds.
    ///
    /// Parts of the range are observed one after the other, so it proves something for the time after it only where every
    /// API server writes with the same key already. Forms that are not known are found too, by some hundred comparisons
    /// each; where all objects have the wanted one, each part takes a single comparison.
    package func classify(
        _ range: KeyRange, knownForms: Set<StoredForm>, expecting wanted: StoredForm? = nil
    ) async throws -> StoredCensus {
        var classifier = ChunkClassifier(
            gateway: gateway, knownForms: knownForms, expecting: wanted, below: range)
        var census = StoredCensus()
        try await forEachChunk(of: range) { chunk, keys in
            census.add(try await classifier.classify(chunk, keys: keys.map(\.bytes)))
            census.noteRevisions(of: keys)
        }
        return census
    }

    /// What each resource under an API server's prefix holds, whether anybody knows of the resource or not.
    ///
    /// Several resources of a chunk are classified at once: there are some dozens of them, and most take one comparison.
    package func survey(_ prefix: StoragePrefix, knownForms: Set<StoredForm>) async throws -> StorageSurvey {
        var classifier = ChunkClassifier(
            gateway: gateway, knownForms: knownForms, expecting: .plaintext, below: prefix.everything)
        var survey = StorageSurvey()
        try await forEachChunk(of: prefix.everything) { chunk, stored in
            let keys = stored.map(\.bytes)
            let parts = prefix.parts(of: chunk, keys: keys)
            if parts.count > 1, let census = try await classifier.classifyUniform(chunk, keys: keys) {
                for part in parts { survey.add(census.objects.forms, to: part.directory) }
            } else {
                for (directory, census) in try await classifier.classify(parts, keys: keys) {
                    survey.add(census.objects.forms, to: directory)
                }
            }
        }
        return survey
    }

    /// Lends half-open ranges that tile a range, each with the keys that it held when it was listed; the next is listed meanwhile.
    private func forEachChunk(
        of range: KeyRange, _ body: (_ chunk: KeyRange, _ keys: [StoredKey]) async throws -> Void
    ) async throws {
        var chunk = try await firstChunk(of: range)
        // Others may write meanwhile, but a list that is much longer than it was said to be may have no end.
        let most = 2 * chunk.count + 10_000
        var listed = 0
        while !chunk.keys.isEmpty {
            listed += chunk.keys.count
            guard listed <= most else { throw gateway.unintelligible("/kv/range") }
            guard let rest = chunk.rest else { return try await body(chunk.range, chunk.keys) }
            async let next = firstChunk(of: rest)
            try await body(chunk.range, chunk.keys)
            chunk = try await next
        }
    }

    /// The first part of a range.
    struct Chunk {
        let range: KeyRange
        /// Those that it held when it was listed.
        let keys: [StoredKey]
        /// How many keys there are, here and in `rest`.
        let count: Int
        /// What lies behind it; nil at the range's end.
        let rest: KeyRange?
    }

    func firstChunk(of range: KeyRange) async throws -> Chunk {
        // A member holds all values of a chunk in memory while it compares or sorts them.
        let page = try await gateway.page(of: range, limit: 500)
        guard !page.isLast, let last = page.keys.last else {
            return Chunk(range: range, keys: page.keys, count: page.count, rest: nil)
        }
        let end = last.bytes.successor
        return Chunk(
            range: KeyRange(from: range.start, to: end), keys: page.keys, count: page.count,
            rest: KeyRange(from: end, to: range.end))
    }
}
