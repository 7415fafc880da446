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
    /// Takes children out of a collection.
    case remove(Set<YAMLStep>)
}

extension YAMLTree {
    /// The tree after one change; nil where the path leads nowhere or the change does not fit.
    func applying(_ change: YAMLChange, at path: some Collection<YAMLStep>) -> YAMLTree? {
        guard let step = path.first else { return applying(change) }
        let rest = path.dropFirst()
        switch (self, step) {
        case (.sequence(var items), .index(let index)) where items.indices.contains(index):
            guard let item = items[index].applying(change, at: rest) else { return nil }
            items[index] = item
            return .sequence(items)
        case (.mapping(var fields), .key(let name)):
            guard let index = fields.firstIndex(where: { $0.key == .string(name) }),
                let value = fields[index].value.applying(change, at: rest)
            else { return nil }
            fields[index].value = value
            return .mapping(fields)
        default: return nil
        }
    }

    /// The step that leads to the value of this key.
    private var step: YAMLStep? {
        if case .string(let name) = self { .key(name) } else { nil }
    }

    private func applying(_ change: YAMLChange) -> YAMLTree? {
        switch (change, self) {
        case (.replace(let value), _): value
        case (.insert(.item(let item)), .sequence(let items)): .sequence(items + [item])
        case (.insert(.field(let key, let value)), .mapping(let fields)):
            .mapping(fields + [Field(key: .string(key), value: value)])
        case (.insert(let child), .literal): child.alone
        case (.remove(let children), .sequence(let items)):
            .sequence(items.indices.filter { !children.contains(.index($0)) }.map { items[$0] })
        case (.remove(let children), .mapping(let fields)):
            .mapping(fields.filter { $0.key.step.map(children.contains) != true })
        default: nil
        }
    }
}
