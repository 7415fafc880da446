extension Node {
    /// Parses a JSON text into nodes with the places of their values.
    ///
    /// Strict (RFC 8259): what YAML would forgive is an error here. An object with the same key twice is an error too.
    ///
    /// - Throws: `YAMLError` with line and column.
    package static func parseJSON(_ bytes: [UInt8]) throws(YAMLError) -> Node {
        var reader = JSONReader(bytes)
        return try reader.document()
    }
}

/// Reads JSON values from bytes; strings become quoted scalars, all other scalars plain ones.
private struct JSONReader {
    private static let depthLimit = 200
    /// A value takes some hundred bytes, and in the text perhaps two; a Terraform output has some thousands.
    private static let valueLimit = 500_000
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private let bytes: [UInt8]
    private var offset = 0
    private var values = 0
    private var line = 1
    private var column = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(YAMLError) -> Node {
        if bytes.starts(with: Self.byteOrderMark) { offset = Self.byteOrderMark.count }
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard next == nil else { throw error("expected nothing more after the value") }
        return value
    }

    private mutating func value(depth: Int) throws(YAMLError) -> Node {
        guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
        values += 1
        guard values <= Self.valueLimit else { throw error("more than \(Self.valueLimit) values") }
        let start = mark
        switch next {
        case UInt8(ascii: "{"):
            return node(.mapping(try pairs(depth: depth + 1)), from: start, isFlow: true)
        case UInt8(ascii: "["):
            return node(.sequence(try items(depth: depth + 1)), from: start, isFlow: true)
        case UInt8(ascii: "\""):
            return node(.scalar(try string(), isPlain: false), from: start)
        case .some(let byte) where byte == UInt8(ascii: "-") || isDigit:
            return node(.scalar(try number(), isPlain: true), from: start)
        default:
            return node(.scalar(try literal(), isPlain: true), from: start)
        }
    }

    private mutating func pairs(depth: Int) throws(YAMLError) -> [Node.Pair] {
        var pairs: [Node.Pair] = []
        var seen: Set<String> = []
        advance()
        skipSpace()
        if take("}") { return pairs }
        repeat {
            skipSpace()
            let start = mark
            guard next == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
            let text = try string()
            guard seen.insert(text).inserted else {
                throw YAMLError(
                    problem: "the key \(text.quoted) stands twice in this object", line: start.line,
                    column: start.column)
            }
            let key = node(.scalar(text, isPlain: false), from: start)
            skipSpace()
            guard take(":") else { throw error("expected \":\" after a key") }
            skipSpace()
            pairs.append(Node.Pair(key: key, value: try value(depth: depth)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw error("expected \",\" or \"}\" after a value") }
        return pairs
    }

    private mutating func items(depth: Int) throws(YAMLError) -> [Node] {
        var items: [Node] = []
        advance()
        skipSpace()
        if take("]") { return items }
        repeat {
            skipSpace()
            items.append(try value(depth: depth))
            skipSpace()
        } while take(",")
        guard take("]") else { throw error("expected \",\" or \"]\" after a value") }
        return items
    }

    private mutating func literal() throws(YAMLError) -> String {
        for word in ["true", "false", "null"] where bytes[offset...].starts(with: word.utf8) {
            for _ in word.utf8 { advance() }
            return word
        }
        throw error("expected a value")
    }

    private mutating func number() throws(YAMLError) -> String {
        let start = offset
        take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { take("-") }
            try digits()
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func digits() throws(YAMLError) {
        guard isDigit else { throw error("expected a digit") }
        while isDigit { advance() }
    }

    private var isDigit: Bool {
        guard let next else { return false }
        return UInt8(ascii: "0")...UInt8(ascii: "9") ~= next
    }
}

extension JSONReader {
    private mutating func string() throws(YAMLError) -> String {
        let start = mark
        var content: [UInt8] = []
        advance()
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                advance()
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw YAMLError(
                        problem: "this string is not UTF-8", line: start.line, column: start.column)
                }
                return text
            case UInt8(ascii: "\\"):
                content += try escape().utf8
            case 0..<0x20:
                throw error("expected a control character in a string to be escaped")
            default:
                content.append(byte)
                advance()
            }
        }
        throw YAMLError(problem: "this string has no end", line: start.line, column: start.column)
    }

    private mutating func escape() throws(YAMLError) -> String {
        advance()
        guard let letter = next else { throw error("expected an escaped character") }
        let simple: [UInt8: String] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        if let text = simple[letter] {
            advance()
            return text
        }
        guard take("u") else { throw error("expected an escape that JSON knows") }
        var units = [try codeUnit()]
        if UTF16.isLeadSurrogate(units[0]), take("\\"), take("u") {
            units.append(try codeUnit())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw error("expected both halves of a surrogate pair")
        }
        return text
    }

    private mutating func codeUnit() throws(YAMLError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            advance()
        }
        return unit
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private var mark: Mark { Mark(line: line, column: column, utf8Offset: offset) }

    private mutating func advance() {
        let byte = bytes[offset]
        offset += 1
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else if byte & 0xC0 != 0x80 {
            column += 1
        }
    }

    @discardableResult
    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: expected) else { return false }
        advance()
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { advance() }
    }

    private func node(_ content: Node.Content, from start: Mark, isFlow: Bool = false) -> Node {
        Node(content: content, start: start, end: mark, isFlow: isFlow)
    }

    private func error(_ problem: String) -> YAMLError {
        YAMLError(problem: problem, line: line, column: column)
    }
}
