internal import YAML

extension Node {
    /// True for a scalar that stands without quotes.
    var isPlain: Bool {
        if case .scalar(_, isPlain: true) = content { true } else { false }
    }

    /// True for a plain scalar that YAML takes for a number.
    var isNumber: Bool {
        guard case .scalar(let text, isPlain: true) = content, let first = text.first else { return false }
        return (first.isNumber || "+-.".contains(first)) && Double(text) != nil
    }

    /// What the node is, as a message says it.
    var kind: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let text, _) where isNumber: "the number \(text)"
        case .scalar(let text, _) where bool != nil: "the boolean \(text)"
        case .scalar where isNull: "nothing"
        case .scalar(let text, _): "the string \(text.quoted)"
        }
    }
}
