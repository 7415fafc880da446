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
        let digits = UTCTime(secondsSince1970: time).description.filter { !"-:Z".contains($0) }
        return "atrest-\(digits)-\(suffix)"
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
