/// Base64 as Go's `base64.StdEncoding` writes and reads it, without a copy of the secret in between.
enum Base64 {
    static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Writes the digits of `bytes` to the beginning of `output`.
    static func encode(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        var written = 0
        var start = 0
        while start < bytes.count {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < count ? UInt32(unsafe bytes[start + offset]) : 0)
            }
            for position in 0..<4 {
                let value = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * position)) & 0x3F
                unsafe output[written] = position <= count ? digit(value) : UInt8(ascii: "=")
                written += 1
            }
            start += 3
        }
    }

    /// The number of bytes that `text` stands for; nil where it is not base64.
    ///
    /// Padding is required, and line breaks are passed over.
    static func decodedCount(_ text: some Collection<UInt8>) -> Int? {
        var digits = 0
        var padding = 0
        for character in text where !isLineBreak(character) {
            if character == UInt8(ascii: "=") {
                padding += 1
            } else if padding == 0, value(character) != nil {
                digits += 1
            } else {
                return nil
            }
        }
        guard padding <= 2, (digits + padding).isMultiple(of: 4), digits > 0 || padding == 0 else { return nil }
        return digits * 6 / 8
    }

    /// Writes the bytes that `text` stands for; `output` has room for `decodedCount`.
    static func decode(_ text: some Collection<UInt8>, into output: UnsafeMutableRawBufferPointer) {
        var group: UInt32 = 0
        var bits = 0
        var written = 0
        for case let value? in text.lazy.map(value) {
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8, written < output.count {
                bits -= 8
                unsafe output[written] = UInt8(truncatingIfNeeded: group >> UInt32(bits))
                written += 1
            }
        }
    }

    private static func isLineBreak(_ character: UInt8) -> Bool { character == 0x0A || character == 0x0D }

    private static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

extension SecretBytes {
    /// The secret that stands as base64 in a configuration file; nil where it is not base64.
    package convenience init?(base64 text: some Collection<UInt8>) {
        guard let count = Base64.decodedCount(text) else { return nil }
        unsafe self.init(count: count) { unsafe Base64.decode(text, into: $0) }
    }
}
