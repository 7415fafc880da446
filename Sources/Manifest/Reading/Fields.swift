internal import YAML

/// The fields of one mapping, read by name.
///
/// A field that is null counts as left out. What is wrong goes into `Findings`, and reading goes on.
struct Fields {
    /// What the mapping is, as messages name it: `a host`.
    let title: String
    let start: Mark
    private let entries: [(name: String, key: Node, value: Node)]

    /// Nil where the node is null, or not a mapping (which is then a finding).
    init?(_ node: Node, _ title: String, _ findings: inout Findings) {
        guard !node.isNull else { return nil }
        guard let mapping = node.mergedMapping else {
            findings.add("\(title) must be a mapping, here stands \(node.kind)", at: node.start)
            return nil
        }
        for repetition in mapping.repetitions {
            findings.add(
                "\(title) has \(repetition.key.quoted) twice, once by a merge key (<<), and KubeOne takes neither: "
                    + "take one out", at: repetition.place)
        }
        self.title = title
        self.start = node.start
        var entries: [(name: String, key: Node, value: Node)] = []
        for pair in mapping.pairs {
            guard let name = pair.key.scalar else {
                findings.add("a key in \(title) must be a word, here stands \(pair.key.kind)", at: pair.key.start)
                continue
            }
            entries.append((name, pair.key, pair.value))
        }
        self.entries = entries
    }

    subscript(name: String) -> Node? {
        entries.first { $0.name == name && !$0.value.isNull }?.value
    }

    func has(_ name: String) -> Bool { self[name] != nil }

    var isEmpty: Bool { entries.isEmpty }

    func fields(_ name: String, _ title: String? = nil, _ findings: inout Findings) -> Fields? {
        self[name].flatMap { Fields($0, title ?? name, &findings) }
    }

    func list(_ name: String, _ findings: inout Findings) -> [Node]? {
        guard let node = self[name] else { return nil }
        if let items = node.sequence { return items }
        findings.add("\(name) must be a list, here stands \(node.kind)", at: node.start)
        return nil
    }

    /// A string, which may be empty.
    func string(_ name: String, _ findings: inout Findings) -> String? {
        self[name].flatMap { Self.string($0, name, &findings) }
    }

    /// A string that is validated; nil where it is left out or empty.
    func value<Value>(
        _ name: String, _ findings: inout Findings, _ make: (String) throws(Refusal) -> Value
    ) -> Value? {
        self[name].flatMap { Self.value($0, name, &findings, make) }
    }

    /// A string that is validated, empty or not.
    func required<Value>(
        _ name: String, _ findings: inout Findings, _ make: (String) throws(Refusal) -> Value
    ) -> Value? {
        guard let node = self[name], let text = Self.string(node, name, &findings) else { return nil }
        return Self.validated(text, node, name, &findings, make)
    }

    /// A port; KubeOne takes 0 for its default, as if it were left out.
    func port(_ name: String, _ findings: inout Findings) -> Int? {
        guard let node = self[name] else { return nil }
        // 022 is 18 to KubeOne's parser: what is not plainly decimal is refused.
        if case .scalar(let text, isPlain: true) = node.content, let port = Int(text), String(port) == text,
            0...65535 ~= port
        {
            return port == 0 ? nil : port
        }
        let advice = node.scalar.flatMap(Int.init) != nil && !node.isPlain ? ": write it without quotes" : ""
        findings.add("\(name) must be a number from 1 to 65535, here stands \(node.kind)\(advice)", at: node.start)
        return nil
    }

    func bool(_ name: String, _ findings: inout Findings) -> Bool? {
        guard let node = self[name] else { return nil }
        if let value = node.bool { return value }
        let advice = node.isPlain ? "" : ", without quotes"
        findings.add("\(name) must be true or false\(advice), here stands \(node.kind)", at: node.start)
        return nil
    }

    /// Refuses every field that is not among the known ones.
    func refuseUnknown(known: [String], _ findings: inout Findings) {
        for entry in entries where !known.contains(entry.name) {
            let advice = Spelling.advice(for: entry.name, among: known)
            findings.add("\(title) has no field \(entry.name.quoted); \(advice)", at: entry.key.start)
        }
    }

    /// Refuses a field whose name is nearly, but not quite, one that matters here; all others are let through.
    func refuseMisspelt(_ names: [String], _ findings: inout Findings) {
        for entry in entries where !names.contains(entry.name) {
            guard let meant = Spelling.nearest(to: entry.name, among: names) else { continue }
            findings.add("\(title) has no field \(entry.name.quoted); did you mean \(meant)?", at: entry.key.start)
        }
    }
}

extension Fields {
    fileprivate static func string(_ node: Node, _ name: String, _ findings: inout Findings) -> String? {
        guard let text = node.scalar, !(node.isPlain && (node.bool != nil || node.isNumber)) else {
            let advice = node.scalar == nil ? "" : ": put it in quotes"
            findings.add("\(name) must be a string, here stands \(node.kind)\(advice)", at: node.start)
            return nil
        }
        return text
    }

    /// The same for an item of a list.
    static func value<Value>(
        _ node: Node, _ name: String, _ findings: inout Findings, _ make: (String) throws(Refusal) -> Value
    ) -> Value? {
        guard !node.isNull, let text = string(node, name, &findings), !text.isEmpty else { return nil }
        return validated(text, node, name, &findings, make)
    }

    private static func validated<Value>(
        _ text: String, _ node: Node, _ name: String, _ findings: inout Findings,
        _ make: (String) throws(Refusal) -> Value
    ) -> Value? {
        do throws(Refusal) {
            return try make(text)
        } catch {
            findings.add("\(name) \(text.quoted) \(error.reason)", at: node.start)
            return nil
        }
    }
}
