/// Tells whether a text is JSON, and where it stops being so.
///
/// The API server reads a configuration that begins with `{` as JSON only, where YAML's liberties are errors.
struct JSONGrammar {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private static let depthLimit = 200

    /// The UTF-8 offset of the first byte that JSON does not allow; nil for a whole JSON value.
    static func firstViolation(in bytes: [UInt8]) -> Int? {
        var grammar = JSONGrammar(bytes: bytes)
        grammar.skipSpace()
        guard grammar.value() else { return grammar.position }
        grammar.skipSpace()
        return grammar.position == bytes.count ? nil : grammar.position
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: UInt8) -> Bool {
        guard next == character else { return false }
        position += 1
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool { take(UInt8(ascii: character)) }

    private mutating func skipSpace() {
        while let next, [0x20, 0x09, 0x0A, 0x0D].contains(next) { position += 1 }
    }

    private mutating func value() -> Bool {
        switch next {
        case UInt8(ascii: "{"): members(closing: "}") { $0.member() }
        case UInt8(ascii: "["): members(closing: "]") { $0.value() }
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "t"): word("true")
        case UInt8(ascii: "f"): word("false")
        case UInt8(ascii: "n"): word("null")
        default: number()
        }
    }

    private mutating func members(closing: Unicode.Scalar, _ member: (inout JSONGrammar) -> Bool) -> Bool {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { return false }
        position += 1
        skipSpace()
        if take(closing) { return true }
        repeat {
            skipSpace()
            guard member(&self) else { return false }
            skipSpace()
        } while take(",")
        return take(closing)
    }

    private mutating func member() -> Bool {
        guard string() else { return false }
        skipSpace()
        guard take(":") else { return false }
        skipSpace()
        return value()
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while let character = next, character >= 0x20 {
            if take("\"") { return true }
            if take("\\") {
                guard let escape = next, "\"\\/bfnrtu".utf8.contains(escape) else { return false }
            }
            position += 1
        }
        return false
    }

    private mutating func word(_ word: String) -> Bool {
        word.utf8.allSatisfy { take($0) }
    }

    private mutating func number() -> Bool {
        _ = take("-")
        guard take("0") || digits() else { return false }
        if take("."), !digits() { return false }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = position
        while let next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { position += 1 }
        return position > start
    }
}
