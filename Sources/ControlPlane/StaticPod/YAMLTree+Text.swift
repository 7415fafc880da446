extension YAMLTree {
    /// The value as lines of a block, in kubeadm's style: a list stands under its key without indentation.
    var blockLines: [String] {
        switch self {
        case .string, .literal: [scalarText]
        case .sequence(let items):
            items.flatMap { item in
                item.blockLines.enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }
            }
        case .mapping(let fields): fields.flatMap(\.blockLines)
        }
    }

    /// The value on one line, as both YAML and JSON read it.
    var flowText: String {
        switch self {
        case .string(let text): PlainScalar.quoted(text)
        case .literal(let text): text
        case .sequence(let items): "[ " + items.map(\.flowText).joined(separator: ", ") + " ]"
        case .mapping(let fields): "{ " + fields.map(\.flowText).joined(separator: ", ") + " }"
        }
    }

    /// A scalar in a block.
    fileprivate var scalarText: String {
        if case .string(let text) = self, PlainScalar.isSafe(text) { text } else { flowText }
    }
}

extension YAMLTree.Field {
    fileprivate var blockLines: [String] {
        switch value {
        case .string, .literal: ["\(key.scalarText): \(value.scalarText)"]
        case .sequence: ["\(key.scalarText):"] + value.blockLines
        case .mapping: ["\(key.scalarText):"] + value.blockLines.map { "  " + $0 }
        }
    }

    fileprivate var flowText: String { "\(key.flowText): \(value.flowText)" }
}

extension YAMLChild {
    /// The child as lines inside of a block collection.
    var blockLines: [String] { alone.blockLines }

    /// The child as it stands inside of a flow collection.
    var flowText: String {
        switch self {
        case .item(let value): value.flowText
        case .field(let key, let value): YAMLTree.Field(key: .string(key), value: value).flowText
        }
    }
}
