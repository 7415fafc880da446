internal import Reconciliation

/// All byte strings in etcd's order, cut wherever the form of a value stored there may change.
struct FormOrder: Sendable {
    /// Adjoining stretches that tile the whole order.
    private(set) var stretches: [Stretch]
    private var knownForms: Set<StoredForm>

    /// Values of one kind: from `lower`, which may be one of them, up to `upper`, which is not.
    struct Stretch: Hashable, Sendable {
        let lower: [UInt8]
        /// Nil for the last stretch.
        let upper: [UInt8]?
        let content: Content

        /// Empty where the forms are not known.
        var forms: [StoredForm] {
            if case .known(let forms) = content { forms } else { [] }
        }

        /// The part that lies before another stretch's end.
        func limited(to other: Stretch) -> Stretch {
            guard let upper, let limit = other.upper, limit.lexicographicallyPrecedes(upper) else { return self }
            return Stretch(lower: lower, upper: limit, content: content)
        }
    }

    enum Content: Hashable, Sendable {
        /// A value here is of one of these forms, the likeliest first.
        ///
        /// More than one only where the name of a key with its colon begins the name of another.
        case known([StoredForm])
        /// Encrypted by keys that are not known; every value begins with these bytes.
        case unknown(beginning: [UInt8])
    }

    init(knownForms: Set<StoredForm>) {
        self.knownForms = knownForms
        stretches = Self.stretches(for: knownForms)
    }

    /// The stretches whose values are of a form, if of any that is known.
    func stretches(of form: StoredForm) -> [Stretch] {
        stretches.filter { $0.forms.first == form }
    }

    /// Adds the forms that were found, so that they need not be found again.
    mutating func learn(_ found: [Stretch]) {
        let forms = found.flatMap { stretch in
            // What is not text, or has no name, cannot be told by its form alone.
            stretch.forms.filter { !knownForms.contains($0) && $0.beginning == stretch.lower }
        }
        guard !forms.isEmpty else { return }
        self = FormOrder(knownForms: knownForms.union(forms))
    }

    /// Adds the forms that another order knows.
    mutating func learn(_ other: FormOrder) {
        guard !other.knownForms.isSubset(of: knownForms) else { return }
        self = FormOrder(knownForms: knownForms.union(other.knownForms))
    }

    private static func stretches(for knownForms: Set<StoredForm>) -> [Stretch] {
        let known = knownForms.compactMap { form in form.beginning.map { (form: form, beginning: $0) } }
            .sorted { $0.beginning.count > $1.beginning.count }
        var cuts: Set<[UInt8]> = [[]]
        for beginning in [encrypted] + schemes + known.map(\.beginning) {
            cuts.formUnion([beginning, beginning.behindPrefix])
        }
        let lowers = cuts.sorted { $0.lexicographicallyPrecedes($1) }
        return zip(lowers, lowers.dropFirst().map { $0 } + [nil]).map { lower, upper in
            Stretch(lower: lower, upper: upper, content: content(at: lower, known: known))
        }
    }

    /// What lies behind a cut, given the known forms with the longest beginnings first.
    private static func content(at lower: [UInt8], known: [(form: StoredForm, beginning: [UInt8])]) -> Content {
        guard lower.starts(with: encrypted) else { return .known([.plaintext]) }
        let forms = known.filter { lower.starts(with: $0.beginning) }.map(\.form)
        guard forms.isEmpty else { return .known(forms) }
        return .unknown(beginning: schemes.first { lower.starts(with: $0) } ?? encrypted)
    }

    /// What every encrypted value begins with.
    static let encrypted = Array("k8s:enc:".utf8)

    /// What API servers are known to write there; others are found too, by more comparisons.
    private static let schemes = ["aescbc:v1:", "aesgcm:v1:", "secretbox:v1:", "kms:v1:", "kms:v2:"].map {
        encrypted + Array($0.utf8)
    }
}

extension StoredForm {
    fileprivate var beginning: [UInt8]? { prefix.map { Array($0.utf8) } }
}

extension [UInt8] {
    /// The first byte string behind all those that begin with this one.
    var behindPrefix: [UInt8] {
        guard let index = lastIndex(where: { $0 < 0xFF }) else { return [] }
        return prefix(upTo: index) + [self[index] + 1]
    }
}
