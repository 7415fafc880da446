/// A key name that atrest made: `atrest-20260131T235959-x7k2`.
///
/// The time has a fixed width, so that the names' order as text is the order in which they were made.
package struct KeyName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Seconds since 1970, UTC.
    package let time: Int
    /// Four of `[a-z0-9]`.
    package let suffix: String

    init(time: Int, suffix: String) {
        self.time = time
        self.suffix = suffix
    }

    /// Reads a name; nil where it is not one of ours.
    package static func parse(_ text: String) -> KeyName? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "atrest", let time = seconds(parts[1]), isSuffix(parts[2]) else {
            return nil
        }
        return KeyName(time: time, suffix: String(parts[2]))
    }

    package var description: String {
        let date = CivilDate(daysSince1970: time.quotient(86_400))
        let second = time - time.quotient(86_400) * 86_400
        let day = padded(date.year, 4) + padded(date.month, 2) + padded(date.day, 2)
        let clock = padded(second / 3600, 2) + padded(second / 60 % 60, 2) + padded(second % 60, 2)
        return "atrest-\(day)T\(clock)-\(suffix)"
    }

    package static func < (left: KeyName, right: KeyName) -> Bool {
        (left.time, left.suffix) < (right.time, right.suffix)
    }

    private static func isSuffix(_ text: Substring) -> Bool {
        text.utf8.count == 4 && text.utf8.allSatisfy { KeyGenerator.suffixAlphabet.contains($0) }
    }

    private static func seconds(_ text: Substring) -> Int? {
        let characters = Array(text.utf8)
        guard characters.count == 15, characters[8] == UInt8(ascii: "T") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var result = 0
            for character in characters[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
                result = result * 10 + Int(character - UInt8(ascii: "0"))
            }
            return result
        }
        guard
            let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
            let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15),
            let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
        else { return nil }
        return date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int {
    /// Division that rounds down, also below zero.
    fileprivate func quotient(_ divisor: Int) -> Int {
        (self - (self % divisor + divisor) % divisor) / divisor
    }
}

/// A day of the Gregorian calendar.
///
/// The arithmetic counts years from March, so that the leap day is a year's last.
private struct CivilDate: Hashable {
    let year: Int
    let month: Int
    let day: Int

    init?(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
        guard (1...12).contains(month), (1...31).contains(day), CivilDate(daysSince1970: daysSince1970) == self else {
            return nil
        }
    }

    init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = shifted.quotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.quotient(400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
