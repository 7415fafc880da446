internal import YAML

/// The fields of one mapping by name; one that is null counts as left out.
struct ConfigurationFields {
    let node: Node
    /// Where the mapping stands: `resources[0].providers[1].kms`; empty for the whole.
    let path: String
    fileprivate(set) var values: [String: Node] = [:]

    subscript(name: String) -> Node? { values[name] }

    /// The path of a field.
    func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension EncryptionFileReader {
    /// Nil where the node is no mapping.
    mutating func fields(of node: Node, _ path: String, allowing names: [String]) -> ConfigurationFields? {
        let title = path.isEmpty ? "the configuration" : path
        guard let mapping = node.mergedMapping else {
            report("\(title) must be a mapping", node)
            return nil
        }
        if isStrict {
            for repetition in mapping.repetitions {
                let key = EncryptionFileError.quote(repetition.key)
                report("\(title) has \(key) twice, once by a merge key (<<): take one out", repetition.place)
            }
        }
        var fields = ConfigurationFields(node: node, path: path)
        for pair in mapping.pairs {
            guard let name = pair.key.scalar, names.contains(name) else {
                if isStrict { report(unknownField(pair.key, title, names), pair.key) }
                continue
            }
            if !pair.value.isNull { fields.values[name] = pair.value }
        }
        return fields
    }

    /// API servers before 1.31 do not look at fields that they do not know, and take the last of what merge keys repeat.
    private var isStrict: Bool {
        switch mode {
        case .wish: true
        case .live(let support): support?.isStrict == true
        }
    }

    private func unknownField(_ key: Node, _ title: String, _ names: [String]) -> String {
        let found = key.scalar.map(EncryptionFileError.quote) ?? "this"
        let advice = names.isEmpty ? "it has none: write {}" : Spelling.advice(for: key.scalar ?? "", among: names)
        return "\(found) is no field of \(title); \(advice)"
    }

    mutating func string(_ fields: ConfigurationFields, _ name: String) -> String? {
        guard let found = scalar(fields, name) else { return nil }
        guard !text.isPlaceholder(found) else {
            report(
                "\(fields.path(name)) must not hold what reads like a field with a secret", fields[name] ?? fields.node)
            return nil
        }
        return found
    }

    mutating func scalar(_ fields: ConfigurationFields, _ name: String) -> String? {
        guard let value = fields[name] else {
            report("\(fields.path(name)) is missing", fields.node)
            return nil
        }
        guard let text = value.string, !text.isEmpty else {
            report("\(fields.path(name)) must be a string (put a number or a boolean in quotes)", value)
            return nil
        }
        return text
    }

    mutating func items(_ fields: ConfigurationFields, _ name: String) -> [Node] {
        guard let value = fields[name] else {
            report("\(fields.path(name)) is missing", fields.node)
            return []
        }
        guard let items = value.sequence, !items.isEmpty else {
            report("\(fields.path(name)) must be a list with at least one item", value)
            return []
        }
        return items
    }
}
