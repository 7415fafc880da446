/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
enum Base64 {
    /// Nil unless the text is the one canonical encoding of its bytes.
    static func decode(_ text: String) -> [UInt8]? {
        let letters = Array(text.utf8)
        let padding = letters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard letters.count.isMultiple(of: 4), padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for letter in letters.dropLast(padding) {
            guard let value = value(letter) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        let rest = bits & (1 << UInt32(count) - 1)
        return rest == 0 ? bytes : nil
    }

    private static func value(_ letter: UInt8) -> UInt32? {
        switch Unicode.Scalar(letter) {
        case "A"..."Z": UInt32(letter - UInt8(ascii: "A"))
        case "a"..."z": UInt32(letter - UInt8(ascii: "a")) + 26
        case "0"..."9": UInt32(letter - UInt8(ascii: "0")) + 52
        case "+": 62
        case "/": 63
        default: nil
        }
    }
}
