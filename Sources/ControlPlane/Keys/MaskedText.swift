/// A text in which the base64 of secrets is replaced by placeholders of the same length.
///
/// Parsers copy what they read into buffers and strings that nobody cleanses, so they are not given the secrets. What is
/// masked are the values of some fields, where they stand as kubeadm, KubeOne, atrest and nearly everybody else writes them; a
/// value with escapes, or folded over lines, is not.
struct MaskedText: Sendable {
    /// What a parser is given.
    let bytes: [UInt8]
    private let secrets: [SecretSlice]

    /// Masks the values of fields with these names.
    init(_ content: SecretBytes, fields: [String]) {
        let text = SecretSlice(content)
        // A text that has what looks like a placeholder of its own is given as it is.
        let found = text.contains(Self.mark) ? [] : fields.flatMap { text.base64Values(of: Array($0.utf8)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for (number, range) in found.sorted(by: { $0.lowerBound < $1.lowerBound }).enumerated() {
            bytes += text[bytes.count..<range.lowerBound]
            bytes += Self.mark
            bytes += String(number).utf8
            bytes += Array(repeating: Self.mark[0], count: range.upperBound - bytes.count)
        }
        bytes += text[bytes.count...]
        self.bytes = bytes
        secrets = found.sorted { $0.lowerBound < $1.lowerBound }.map { text[$0] }
    }

    /// What the placeholder that a parser found stands for; nil where it found none.
    func secret(_ text: String) -> SecretSlice? {
        guard isPlaceholder(text), let number = Int(text.filter { $0 != "~" }), secrets.indices.contains(number) else {
            return nil
        }
        return secrets[number]
    }

    /// True for what a parser never found in the text itself.
    func isPlaceholder(_ text: String) -> Bool {
        !secrets.isEmpty && text.contains("~~~~")
    }

    private static let mark = Array("~~~~".utf8)
}

extension SecretSlice {
    /// The base64 of 16 bytes, the smallest key, has 24 digits; a placeholder needs room for its number.
    private static let shortest = 16
    private static let quotes = Array("\"'".utf8)
    private static let blanks = Array(" \t".utf8)
    /// What may stand in front of a field, blanks apart: it is the first of its line, item or mapping.
    private static let openers = Array("\n\r-{,".utf8)
    private static let closers = Array("\n\r,} \t".utf8)
    /// All letters that a number may have; what has no other may be one.
    private static let numeric = Array("abcdefoxABCDEFOX0123456789".utf8)

    /// Where the base64 stands that is a field's whole value, with or without quotes.
    fileprivate func base64Values(of field: [UInt8]) -> [Range<Int>] {
        var values: [Range<Int>] = []
        var position = startIndex
        while let start = self[position...].firstIndex(of: field[0]) {
            position = start + 1
            guard self[start...].starts(with: field), let value = value(behind: start + field.count, from: start) else {
                continue
            }
            values.append(value)
            position = value.upperBound
        }
        return values
    }

    private func value(behind end: Int, from start: Int) -> Range<Int>? {
        var before = start - 1
        var position = end
        if let quote = byte(before), Self.quotes.contains(quote) {
            guard byte(position) == quote else { return nil }
            before -= 1
            position += 1
        }
        // `my-secret:` is another word.
        guard byte(before) != UInt8(ascii: "-") else { return nil }
        while let blank = byte(before), Self.blanks.contains(blank) { before -= 1 }
        if let opener = byte(before), !Self.openers.contains(opener) { return nil }
        position = skipBlanks(position)
        guard byte(position) == UInt8(ascii: ":") else { return nil }
        position = skipBlanks(position + 1)
        let quote = byte(position).flatMap { Self.quotes.contains($0) ? $0 : nil }
        if quote != nil { position += 1 }
        let value = position..<(self[position...].firstIndex { !$0.isBase64 } ?? endIndex)
        let next = byte(value.upperBound)
        let isWhole = quote.map { next == $0 } ?? next.map(Self.closers.contains) ?? true
        guard isWhole, value.count >= Self.shortest, self[value].contains(where: { !Self.numeric.contains($0) }) else {
            return nil
        }
        return value
    }

    private func byte(_ position: Int) -> UInt8? { indices.contains(position) ? self[position] : nil }

    private func skipBlanks(_ position: Int) -> Int {
        guard position < endIndex else { return endIndex }
        return self[position...].firstIndex { !Self.blanks.contains($0) } ?? endIndex
    }
}

extension UInt8 {
    fileprivate var isBase64: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}
