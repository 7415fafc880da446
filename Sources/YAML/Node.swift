/// One value of a YAML document, with the place where it stands.
package struct Node: Hashable, Sendable {
    package indirect enum Content: Hashable, Sendable {
        /// The scalar's text after unquoting; only one that `isPlain` is typed: it stood without quotes, or with a type's tag.
        case scalar(String, isPlain: Bool)
        case sequence([Node])
        case mapping([Pair])
    }

    /// One `key: value` of a mapping, in the document's order.
    package struct Pair: Hashable, Sendable {
        package let key: Node
        package let value: Node
    }

    package let content: Content
    /// Where the value begins.
    package let start: Mark
    /// Where the value ends.
    ///
    /// For a block sequence or mapping this is the start of the *next token*, behind comments and
    /// blank lines (libyaml's way): to insert behind a collection, use the end of its last scalar.
    package let end: Mark
    /// True for `[…]` and `{…}`.
    package let isFlow: Bool
}

/// A place in a YAML document.
package struct Mark: Hashable, Sendable {
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in characters.
    package let column: Int
    /// Offset in the document's UTF-8 bytes (libyaml itself counts characters; this is converted).
    package let utf8Offset: Int
}

extension Node {
    /// The text of a scalar.
    package var scalar: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// The items of a sequence.
    package var sequence: [Node]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// The pairs of a mapping.
    package var mapping: [Pair]? {
        if case .mapping(let pairs) = content { pairs } else { nil }
    }

    /// True for a plain `null`, `~` or nothing at all.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The value of a plain YAML 1.1 boolean as Kubernetes' parser takes it (`true`, `false` and their spellings).
    package var bool: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y": return true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N": return false
        default: return nil
        }
    }

    /// The value of the first pair with this key in a mapping.
    package subscript(key: String) -> Node? {
        mapping?.first { $0.key.scalar == key }?.value
    }
}
