internal import YAML

/// A YAML text that is changed byte range by byte range: all that is not part of an edit stays as it is.
///
/// After every edit the text is parsed again, and must mean what it meant before plus exactly that edit.
struct EditableYAML {
    /// libyaml leaves a byte order mark out of its count.
    private let byteOrderMark: String
    private(set) var bytes: [UInt8]
    private(set) var root: Node

    /// Throws `YAMLError` where the text is not one YAML document.
    init(_ text: String) throws(YAMLError) {
        let mark = text.unicodeScalars.first == "\u{FEFF}" ? "\u{FEFF}" : ""
        byteOrderMark = mark
        bytes = Array(text.utf8.dropFirst(mark.utf8.count))
        guard let root = try Node.parse(String(decoding: bytes, as: UTF8.self)) else {
            throw YAMLError(problem: "the text holds no document", line: 1, column: 1)
        }
        self.root = root
    }

    var text: String { byteOrderMark + String(decoding: bytes, as: UTF8.self) }

    /// Puts another text in place of a scalar, in the scalar's own quotes.
    mutating func replaceScalar(at path: YAMLPath, with text: String) throws(UneditableYAML) {
        guard let node = root[path], node.scalar != nil else { throw UneditableYAML(path: path, line: 1) }
        let range = node.start.utf8Offset..<node.end.utf8Offset
        let replacement =
            switch range.isEmpty ? nil : bytes[range.lowerBound] {
            case UInt8(ascii: "'"): "'" + text.replacing("'", with: "''") + "'"
            case UInt8(ascii: "\""): PlainScalar.quoted(text)
            default: PlainScalar.isSafe(text) && !text.contains(",") ? text : PlainScalar.quoted(text)
            }
        try edit(range, with: replacement, is: .replace(.string(text)), at: path)
    }

    /// Replaces bytes, and checks that the text then means what it meant plus the change.
    mutating func edit(
        _ range: Range<Int>, with replacement: String, is change: YAMLChange, at path: YAMLPath
    ) throws(UneditableYAML) {
        var edited = bytes
        edited.replaceSubrange(range, with: replacement.utf8)
        try accept(edited, as: change, at: path, line: line(of: range.lowerBound))
    }

    /// Takes bytes out, with the same check.
    mutating func edit(
        removing ranges: RangeSet<Int>, is change: YAMLChange, at path: YAMLPath
    ) throws(UneditableYAML) {
        var edited = bytes
        edited.removeSubranges(ranges)
        try accept(edited, as: change, at: path, line: line(of: ranges.ranges.first?.lowerBound ?? 0))
    }

    private mutating func accept(
        _ edited: [UInt8], as change: YAMLChange, at path: YAMLPath, line: Int
    ) throws(UneditableYAML) {
        guard
            let root = try? Node.parse(String(decoding: edited, as: UTF8.self)),
            YAMLTree(root) == YAMLTree(self.root).applying(change, at: path)
        else { throw UneditableYAML(path: path, line: line) }
        bytes = edited
        self.root = root
    }
}

// MARK: - Places

extension EditableYAML {
    /// Counted from 1.
    func line(of offset: Int) -> Int { bytes[..<offset].count { $0 == 0x0A } + 1 }

    /// Where the last scalar of a value ends, or its closing bracket.
    ///
    /// libyaml ends a block collection only at the next token, behind comments that may belong to what follows.
    func contentEnd(_ node: Node) -> Int {
        let last: Node? =
            switch node.content {
            case .scalar: nil
            case .sequence(let items): items.last
            case .mapping(let pairs): pairs.last?.value
            }
        // The children of an alias stand elsewhere.
        guard let last, !node.isFlow, last.start.utf8Offset >= node.start.utf8Offset else {
            return node.end.utf8Offset
        }
        return contentEnd(last)
    }

    /// Where the `- ` of an item begins; nil where a comment or a tag stands in between.
    func dash(of item: Node) -> Int? {
        let before = bytes[..<item.start.utf8Offset]
        guard let offset = before.lastIndex(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }),
            bytes[offset] == UInt8(ascii: "-")
        else { return nil }
        return offset
    }

    func lineStart(_ offset: Int) -> Int {
        bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    }

    /// Behind the line break of the line on which a value ends.
    func lineEnd(_ contentEnd: Int) -> Int {
        // A block scalar ends with its line break.
        if contentEnd > 0, bytes[contentEnd - 1] == 0x0A { return contentEnd }
        return bytes[contentEnd...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    }

    /// The line break as this text has it.
    var lineBreak: String {
        guard let first = bytes.firstIndex(of: 0x0A), first > 0, bytes[first - 1] == 0x0D else { return "\n" }
        return "\r\n"
    }
}

/// A place in a YAML text that cannot be changed without changing something else.
struct UneditableYAML: Error, Hashable {
    let path: YAMLPath
    /// Counted from 1.
    let line: Int
}
