internal import YAML

/// What a YAML text means, whatever it looks like.
indirect enum YAMLTree: Hashable {
    case string(String)
    /// A number, a boolean or null, as it stands.
    case literal(String)
    case sequence([YAMLTree])
    case mapping([Field])

    struct Field: Hashable {
        let key: YAMLTree
        var value: YAMLTree
    }

    /// A mapping with these fields, in this order.
    static func record(_ fields: [(key: String, value: YAMLTree)]) -> YAMLTree {
        .mapping(fields.map { Field(key: .string($0.key), value: $0.value) })
    }

    init(_ node: Node) {
        switch node.content {
        case .scalar(let text, _): self = node.string == nil ? .literal(text) : .string(text)
        case .sequence(let items): self = .sequence(items.map(YAMLTree.init))
        case .mapping(let pairs):
            self = .mapping(pairs.map { Field(key: YAMLTree($0.key), value: YAMLTree($0.value)) })
        }
    }
}

/// What can be put into a collection.
enum YAMLChild: Hashable {
    case item(YAMLTree)
    case field(String, YAMLTree)

    /// A collection of nothing but this child.
    var alone: YAMLTree {
        switch self {
        case .item(let value): .sequence([value])
        case .field(let key, let value): .mapping([YAMLTree.Field(key: .string(key), value: value)])
        }
    }
}

/// A change of a tree's meaning; what a text edit is checked against.
enum YAMLChange {
    /// Puts a child behind the others of a collection, or in place of null.
    case insert(YAMLChild)
    case replace(YAMLTree)
    case remove
}

extension YAMLTree {
    /// The tree after one change; nil where the path leads nowhere or the change does not fit.
    func applying(_ change: YAMLChange, at path: some Collection<YAMLStep>) -> YAMLTree? {
        guard let step = path.first else { return applying(change) }
        let rest = path.dropFirst()
        switch (self, step) {
        case (.sequence(var items), .index(let index)) where items.indices.contains(index):
            if rest.isEmpty, case .remove = change {
                items.remove(at: index)
            } else if let item = items[index].applying(change, at: rest) {
                items[index] = item
            } else {
                return nil
            }
            return .sequence(items)
        case (.mapping(var fields), .key(let name)):
            guard let index = fields.firstIndex(where: { $0.key == .string(name) }) else { return nil }
            if rest.isEmpty, case .remove = change {
                fields.remove(at: index)
            } else if let value = fields[index].value.applying(change, at: rest) {
                fields[index].value = value
            } else {
                return nil
            }
            return .mapping(fields)
        default: return nil
        }
    }

    private func applying(_ change: YAMLChange) -> YAMLTree? {
        switch (change, self) {
        case (.replace(let value), _): value
        case (.insert(.item(let item)), .sequence(let items)): .sequence(items + [item])
        case (.insert(.field(let key, let value)), .mapping(let fields)):
            .mapping(fields + [Field(key: .string(key), value: value)])
        case (.insert(let child), .literal): child.alone
        default: nil
        }
    }
}
