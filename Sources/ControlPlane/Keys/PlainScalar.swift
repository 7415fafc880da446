internal import YAML

/// What Kubernetes' YAML parser makes of a scalar without quotes.
enum PlainScalar {
    /// False for what is read as a number, a boolean or null.
    static func isString(_ text: String) -> Bool {
        !nullsAndBooleans.contains(text) && !isNumber(text)
    }

    /// Whether a string may be written without quotes as a value in a block; stricter than YAML has it.
    static func isSafe(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || text.hasPrefix("/") || text.hasPrefix("--") else {
            return false
        }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || safePunctuation.contains($0) }
            && !text.hasSuffix(":") && isString(text)
    }

    /// The text in double quotes, as both YAML and JSON read it.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static let nullsAndBooleans: Set<String> = [
        "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no",
        "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N",
    ]
    private static let notFinite: Set<String> = [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"]
    private static let safePunctuation = Set("._/:@=,+-".utf8)

    private static func isNumber(_ text: String) -> Bool {
        var digits = Array(text.utf8)[...]
        if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits.removeFirst() }
        guard let first = digits.first, isDigit(first) || first == UInt8(ascii: ".") else { return false }
        digits.removeAll { $0 == UInt8(ascii: "_") }
        if notFinite.contains(String(decoding: digits, as: UTF8.self)) { return true }
        if digits.count > 2, digits.first == UInt8(ascii: "0") {
            let rest = String(decoding: digits.dropFirst(2), as: UTF8.self)
            switch digits[digits.startIndex + 1] {
            case UInt8(ascii: "x"), UInt8(ascii: "X"): return rest.utf8.allSatisfy(isHexDigit)
            case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "o"), UInt8(ascii: "O"):
                return rest.utf8.allSatisfy(isDigit)
            default: break
            }
        }
        return isDecimal(digits)
    }

    /// Digits with at most one point, then perhaps an exponent.
    private static func isDecimal(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(
            maxSplits: 1, omittingEmptySubsequences: false,
            whereSeparator: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") })
        let mantissa = parts[0].split(
            maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == UInt8(ascii: ".") })
        guard mantissa.allSatisfy({ $0.allSatisfy(isDigit) }), mantissa.contains(where: { !$0.isEmpty }) else {
            return false
        }
        guard parts.count == 2 else { return true }
        var exponent = parts[1]
        if let sign = exponent.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { exponent.removeFirst() }
        return !exponent.isEmpty && exponent.allSatisfy(isDigit)
    }

    private static func isLetter(_ character: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character | 0x20)
    }

    private static func isDigit(_ character: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
    }

    private static func isHexDigit(_ character: UInt8) -> Bool {
        isDigit(character) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(character | 0x20)
    }
}

extension Node {
    /// The text of a scalar that Kubernetes takes as a string; nil for numbers, booleans and null without quotes.
    var string: String? {
        guard case .scalar(let text, let isPlain) = content, !isPlain || PlainScalar.isString(text) else { return nil }
        return text
    }
}
