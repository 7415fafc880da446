/// A text as one part of a path: another one for every other text, and safe in every file system and shell.
///
/// ASCII letters, digits and `_` stand for themselves, `-` and `.` too where they are not the first. Every other byte of the
/// UTF-8 is `%` and two upper-case hexadecimal digits. The empty text is `%`.
enum PathComponent {
    static func escaping(_ text: String) -> String {
        guard !text.isEmpty else { return "%" }
        var result = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber || character == "_")
            if isPlain || (!result.isEmpty && (character == "-" || character == ".")) {
                result.append(character)
            } else {
                result += "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// The text that a component stands for; nil where it is none of ours.
    static func unescaping(_ component: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(component.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { break }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self), escaping(text) == component else { return nil }
        return text
    }
}
