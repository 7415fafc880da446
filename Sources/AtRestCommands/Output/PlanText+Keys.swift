internal import Reconciliation

/// The keys of a plan, each once with its whole name.
extension PlanText {
    var keyLines: [String] {
        let rows = report.keys.map { ($0, $0.key.description) }
        let width = rows.map(\.1.count).max() ?? 0
        return rows.map { key, name in
            "  \(style.sign(key.sign)) \(name.padded(to: width))  \(key.words)"
        }
    }
}

extension PlannedKey {
    fileprivate var sign: Character {
        switch role {
        case .new: "+"
        case .dropped: archiveFile == nil ? "-" : "~"
        case .write, .read: writesBefore == writesAfter ? " " : "~"
        }
    }

    fileprivate var words: String {
        let (before, after) = (writesBefore.joined, writesAfter.joined)
        var words = [ageWords].compactMap(\.self)
        if archiveFile != nil { words.append("from the archive") }
        if !writesAfter.isEmpty {
            words.append(writesBefore == writesAfter ? "writes \(after)" : "will write \(after)")
        } else if !writesBefore.isEmpty {
            words.append("now writes \(before)")
        }
        switch role {
        case .dropped: words.append("dropped at the end")
        case .new, .write, .read: if writesAfter.isEmpty { words.append("stays readable") }
        }
        return words.joined(separator: ", ")
    }

    private var ageWords: String? {
        if isFresh { return "new" }
        switch key {
        case .identity: return "plain text"
        case .kms: return nil
        case .local: return age.map { "\(TimeSpan($0).inTwoUnits) old" } ?? "of unknown age"
        }
    }
}

extension [ResourceName] {
    fileprivate var joined: String { map(\.text).joined(separator: ", ") }
}
