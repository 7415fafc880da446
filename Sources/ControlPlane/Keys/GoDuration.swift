/// A duration as Go writes it: `1m30s`, `1.5h`.
enum GoDuration {
    /// Whether a text is a duration above zero.
    static func isPositive(_ text: String) -> Bool {
        var rest = Substring(text)
        if rest.hasPrefix("+") { rest.removeFirst() }
        var isPositive = false
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard number.contains(where: \.isNumber), number.count(where: { $0 == "." }) <= 1,
                ["ns", "us", "\u{B5}s", "\u{3BC}s", "ms", "s", "m", "h"].contains(unit)
            else { return false }
            isPositive = isPositive || number.contains { ("1"..."9").contains($0) }
        }
        return isPositive
    }
}
