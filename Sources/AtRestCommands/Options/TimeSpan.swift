internal import ControlPlane

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
        let nanoseconds = GoDuration.nanoseconds(text, moreUnits: ["d": 86_400_000_000_000]) ?? 0
        guard nanoseconds > 0 else { throw WrongTimeSpan(text: text) }
        duration = .nanoseconds(nanoseconds)
    }
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
