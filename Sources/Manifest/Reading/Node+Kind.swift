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

extension String {
    /// The text's first line in quotes for a message: shortened, and without anything that a terminal would act on.
    var quoted: String {
        let line = unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }.prefix(60)
        var text = ""
        for scalar in line {
            switch scalar.properties.generalCategory {
            case _ where scalar == "\"" || scalar == "\\": text += "\\\(scalar)"
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return "\"\(text)\(line.endIndex < unicodeScalars.endIndex ? "…" : "")\""
    }
}
