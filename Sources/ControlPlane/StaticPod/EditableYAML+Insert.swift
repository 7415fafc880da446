internal import YAML

extension EditableYAML {
    /// Puts a child behind the others of a collection, which is made where it is missing or null.
    ///
    /// What is made for it can be told apart afterwards, so that `remove` leaves no trace: a block, or brackets with a
    /// space inside on both sides, was missing; brackets with a space on the left only were null.
    mutating func insert(_ child: YAMLChild, into path: YAMLPath) throws(UneditableYAML) {
        guard let node = root[path] else {
            guard case .key(let name)? = path.last else { throw UneditableYAML(path: path, line: 1) }
            return try insert(.field(name, child.alone), into: path.dropLast())
        }
        if node.isNull {
            try insert(child, inPlaceOf: node, at: path)
        } else if node.isFlow {
            try insert(child, intoFlow: node, at: path)
        } else {
            try insert(child, intoBlock: node, at: path)
        }
    }

    private mutating func insert(
        _ child: YAMLChild, inPlaceOf null: Node, at path: YAMLPath
    ) throws(UneditableYAML) {
        let range = null.start.utf8Offset..<null.end.utf8Offset
        let text = child.alone.flowText
        let bracketed = text.dropLast(2) + text.suffix(1)
        try edit(range, with: (range.isEmpty ? " " : "") + bracketed, is: .insert(child), at: path)
    }

    private mutating func insert(
        _ child: YAMLChild, intoFlow node: Node, at path: YAMLPath
    ) throws(UneditableYAML) {
        let range = node.start.utf8Offset..<node.end.utf8Offset
        let last = node.sequence?.last ?? node.mapping?.last?.value
        let brackets = "[{".utf8
        let offset = last.map(contentEnd) ?? bytes[range].firstIndex(where: brackets.contains).map { $0 + 1 }
        guard let offset else { throw UneditableYAML(path: path, line: node.start.line) }
        let separator = last == nil ? "" : ", "
        try edit(offset..<offset, with: separator + child.flowText, is: .insert(child), at: path)
    }

    private mutating func insert(
        _ child: YAMLChild, intoBlock node: Node, at path: YAMLPath
    ) throws(UneditableYAML) {
        let first = node.sequence?.first.flatMap(dash) ?? node.mapping?.first?.key.start.utf8Offset
        guard let first else { throw UneditableYAML(path: path, line: node.start.line) }
        let indentation = String(repeating: " ", count: first - lineStart(first))
        let lines = child.blockLines.map { indentation + $0 }.joined(separator: lineBreak)
        let offset = lineEnd(contentEnd(node))
        let isOpenEnded = offset == bytes.count && bytes.last != 0x0A
        try edit(
            offset..<offset, with: isOpenEnded ? lineBreak + lines : lines + lineBreak, is: .insert(child), at: path)
    }
}
