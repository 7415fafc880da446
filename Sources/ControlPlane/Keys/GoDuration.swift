/// A duration as Go writes it: `90s`, `1h30m`, `1.5h`.
package enum GoDuration {
    /// Whether a text is a duration above zero; a plus sign may stand in front.
    static func isPositive(_ text: String) -> Bool {
        (nanoseconds(text.hasPrefix("+") ? String(text.dropFirst()) : text) ?? 0) > 0
    }

    /// The length of a duration without a sign; nil for anything else, and for what is longer than 292 years.
    ///
    /// `moreUnits` has the nanoseconds of units that Go does not know.
    package static func nanoseconds(_ text: String, moreUnits: [String: Int] = [:]) -> Int? {
        let units = units.merging(moreUnits) { go, _ in go }
        var rest = text.utf8[...]
        var sum = 0
        while !rest.isEmpty {
            guard let part = part(&rest, units), !sum.overflows(adding: part) else { return nil }
            sum += part
        }
        return sum
    }

    /// Takes one number with its unit from the front, as nanoseconds; nil where there is none, or too large a one.
    private static func part(_ rest: inout Substring.UTF8View, _ units: [String: Int]) -> Int? {
        let whole = digits(&rest)
        var fraction: [Int] = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = digits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let letters = rest.prefix { $0 > UInt8(ascii: "9") }
        rest = rest.dropFirst(letters.count)
        guard let unit = units[String(decoding: letters, as: UTF8.self)] else { return nil }
        var sum = 0
        for digit in whole {
            guard sum <= (Int.max - digit) / 10 else { return nil }
            sum = sum * 10 + digit
        }
        guard sum <= Int.max / unit else { return nil }
        sum *= unit
        var scale = unit
        for digit in fraction {
            scale /= 10
            guard !sum.overflows(adding: digit * scale) else { return nil }
            sum += digit * scale
        }
        return sum
    }

    private static func digits(_ rest: inout Substring.UTF8View) -> [Int] {
        let characters = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(characters.count)
        return characters.map { Int($0 - UInt8(ascii: "0")) }
    }

    /// Nanoseconds of each unit; `µ` has two code points.
    private static let units = [
        "ns": 1, "us": 1000, "\u{B5}s": 1000, "\u{3BC}s": 1000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]
}

extension Int {
    fileprivate func overflows(adding other: Int) -> Bool { addingReportingOverflow(other).overflow }
}
