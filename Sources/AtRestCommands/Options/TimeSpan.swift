/// A length of time above zero as the operator writes it: as Go does (`90s`, `5m`, `1h30m`, `1.5h`), and with `d` for days.
struct TimeSpan: Hashable, Sendable {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    /// Reads what the operator typed.
    ///
    /// - Throws: `WrongTimeSpan`.
    init(_ text: String) throws(WrongTimeSpan) {
        var rest = text.utf8[...]
        var sum = 0
        while !rest.isEmpty {
            guard let part = TimeSpan.part(&rest), !sum.overflows(adding: part) else { throw WrongTimeSpan(text: text) }
            sum += part
        }
        guard sum > 0 else { throw WrongTimeSpan(text: text) }
        duration = .nanoseconds(sum)
    }

    /// Takes one number with its unit from the front, as nanoseconds; nil where there is none, or too large a one.
    private static func part(_ rest: inout Substring.UTF8View) -> Int? {
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
        "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
    ]
}

extension TimeSpan: CustomStringConvertible {
    /// As it may be typed: `1d2h3m4s`; what is shorter than a second is left out.
    var description: String {
        var seconds = duration.components.seconds
        var text = ""
        for (unit, length) in [("d", Int64(86_400)), ("h", 3600), ("m", 60), ("s", 1)] where seconds >= length {
            text += "\(seconds / length)\(unit)"
            seconds %= length
        }
        return text.isEmpty ? "0s" : text
    }

    /// Rounded down to its largest unit and the one below: `40d3h`.
    var inTwoUnits: String {
        let seconds = duration.components.seconds
        let unit: Int64 = seconds >= 86_400 ? 3600 : seconds >= 3600 ? 60 : 1
        return TimeSpan(.seconds(seconds / unit * unit)).description
    }
}

/// What was typed is no length of time.
struct WrongTimeSpan: Error, Hashable, CustomStringConvertible {
    let text: String

    var description: String {
        "\"\(text)\" is not a duration above zero: write numbers with the units s, m, h or d, such as 90s, 5m, 1h30m or 30d"
    }
}

extension Int {
    fileprivate func overflows(adding other: Int) -> Bool { addingReportingOverflow(other).overflow }
}
