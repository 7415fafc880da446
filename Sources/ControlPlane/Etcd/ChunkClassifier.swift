internal import Reconciliation

/// Classifies one part of a range after the other and remembers what helps with the next.
struct ChunkClassifier: Sendable {
    private let gateway: EtcdGateway
    private let wanted: StoredForm?
    private var order: FormOrder
    /// Where all values of a chunk before lay: most likely those of the next lie there too.
    private var latest: FormOrder.Stretch?
    /// How many bytes of a key say nothing, because all keys begin with them.
    private let nameOffset: Int

    init(
        gateway: EtcdGateway, knownForms: Set<StoredForm>, expecting wanted: StoredForm?, below directory: KeyRange
    ) {
        self.gateway = gateway
        self.wanted = wanted
        nameOffset = directory.start.count
        order = FormOrder(knownForms: wanted.map { knownForms.union([$0]) } ?? knownForms)
    }

    /// What a chunk holds; `keys` are those that it held when it was listed.
    mutating func classify(_ chunk: KeyRange, keys: [[UInt8]]) async throws -> StoredCensus {
        if let census = try await classifyUniform(chunk, keys: keys) { return census }
        return try await classifyMixed(chunk)
    }

    /// What each part of a chunk holds, several at once; what is learned from them helps with the next chunk.
    mutating func classify(
        _ parts: [StoragePrefix.Part], keys: [[UInt8]]
    ) async throws -> [(directory: String, census: StoredCensus)] {
        typealias Outcome = (part: Int, census: StoredCensus, classifier: ChunkClassifier)
        let before = self
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (index, part) in parts.enumerated() {
                if index >= Self.mostAtOnce, let outcome = try await group.next() { outcomes.append(outcome) }
                group.addTask {
                    var classifier = before
                    return (index, try await classifier.classify(part.range, keys: keys), classifier)
                }
            }
            for try await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        for outcome in outcomes {
            order.learn(outcome.classifier.order)
            if outcome.part == parts.indices.last { latest = outcome.classifier.latest }
        }
        return outcomes.map { (parts[$0.part].directory, $0.census) }
    }

    /// Over HTTP/1.1 one request waits for the other, and its time runs meanwhile.
    private static let mostAtOnce = 8

    /// What a chunk holds if all of it is of one likely form, by one comparison for each of them; else nil.
    mutating func classifyUniform(_ chunk: KeyRange, keys: [[UInt8]]) async throws -> StoredCensus? {
        var likely = wanted.map(order.stretches(of:)) ?? []
        if let latest, !likely.starts(with: [latest]) {
            likely = [latest] + likely.filter { $0 != latest }
        }
        for stretch in likely {
            let answer = try await gateway.compare(stretch.comparisons(over: chunk), counting: chunk)
            var census = StoredCensus()
            guard answer.count > 0 else { return census }
            guard answer.holds else { continue }
            census.add(answer.count, stretch.forms, names: names(keys))
            latest = stretch
            return census
        }
        return nil
    }

    /// What a chunk holds, from a listing by value and the places in it where the form changes.
    ///
    /// Where objects change meanwhile the chunk is listed again, and one that never holds still is halved.
    private mutating func classifyMixed(
        _ chunk: KeyRange, attempt: Int = 1, halvings: Int = 0
    ) async throws -> StoredCensus {
        var sorted = try await SortedChunk(chunk, from: gateway)
        do {
            return try await census(of: &sorted)
        } catch let change as SortedChunk.Changed {
            let keys = sorted.keys.map(\.bytes)
            if attempt < (keys.count > 1 ? 3 : 10) {
                return try await classifyMixed(chunk, attempt: attempt + 1, halvings: halvings)
            }
            guard keys.count > 1, halvings < Self.mostHalvings else {
                throw EtcdFailure.restless(member: gateway.member, key: change.key.range.description)
            }
            let middle = keys.sorted { $0.lexicographicallyPrecedes($1) }[keys.count / 2]
            var census = try await classifyMixed(KeyRange(from: chunk.start, to: middle), halvings: halvings + 1)
            census.add(try await classifyMixed(KeyRange(from: middle, to: chunk.end), halvings: halvings + 1))
            return census
        }
    }

    private mutating func census(of chunk: inout SortedChunk) async throws -> StoredCensus {
        var census = StoredCensus()
        var stretches: [FormOrder.Stretch] = []
        var start = 0
        while start < chunk.keys.count {
            let stretch = try await stretch(of: &chunk, at: start)
            let end = try await chunk.firstIndex(notBelow: stretch.upper, in: (start + 1)..<chunk.keys.count)
            census.add(end - start, stretch.forms, names: names(chunk.keys[start..<end].lazy.map(\.bytes)))
            stretches.append(stretch)
            start = end
        }
        try await chunk.confirm()
        order.learn(stretches)
        if stretches.count == 1 { latest = stretches.first }
        return census
    }

    /// More than the halves of any chunk, but there may always be a new key between two others.
    private static let mostHalvings = 16

    /// As many names as a census keeps.
    private func names(_ keys: some Collection<[UInt8]>) -> [String] {
        keys.prefix(StoredCensus.exampleLimit).map { String(decoding: $0.dropFirst(nameOffset), as: UTF8.self) }
    }

    /// The stretch that a value lies in; what is unknown is found out.
    private func stretch(of chunk: inout SortedChunk, at index: Int) async throws -> FormOrder.Stretch {
        var (low, high) = (0, order.stretches.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if try await chunk.isBelow(order.stretches[middle + 1].lower, at: index) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        let stretch = order.stretches[low]
        guard case .unknown(let beginning) = stretch.content else { return stretch }
        return try await chunk.stretch(at: index, beginning: beginning).limited(to: stretch)
    }
}

extension FormOrder.Stretch {
    /// What holds where all values of a range lie in this stretch.
    ///
    /// A value that is the lower bound itself is taken for a stranger; the listing then finds it.
    fileprivate func comparisons(over range: KeyRange) -> [EtcdGateway.Comparison] {
        var comparisons: [EtcdGateway.Comparison] = []
        if !lower.isEmpty { comparisons.append(.valuesAbove(lower, range)) }
        if let upper { comparisons.append(.valuesBelow(upper, range)) }
        return comparisons
    }
}
