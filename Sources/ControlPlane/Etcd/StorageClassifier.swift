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
                for part in parts {
                    let census = try await classifier.classify(part.range, keys: keys)
                    survey.add(census.objects.forms, to: part.directory)
                }
            }
        }
        return survey
    }

    /// Lends half-open ranges that tile a range, each with the keys that it held when it was listed.
    private func forEachChunk(
        of range: KeyRange, _ body: (_ chunk: KeyRange, _ keys: [StoredKey]) async throws -> Void
    ) async throws {
        var start = range.start
        var listed = 0
        var most = Int.max
        while true {
            let page = try await gateway.page(of: KeyRange(from: start, to: range.end), limit: Self.chunkSize)
            // Others may write meanwhile, but a list that is much longer than it was said to be may have no end.
            if listed == 0 { most = 2 * page.count + 10_000 }
            listed += page.keys.count
            guard listed <= most else { throw gateway.unintelligible("/kv/range") }
            guard let last = page.keys.last else { return }
            let end = page.isLast ? range.end : last.bytes.successor
            try await body(KeyRange(from: start, to: end), page.keys)
            guard !page.isLast else { return }
            start = end
        }
    }

    /// A member holds all values of a chunk in memory while it compares or sorts them.
    static let chunkSize = 500
}
