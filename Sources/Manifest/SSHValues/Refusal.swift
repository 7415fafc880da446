/// Why a value may not reach ssh: completes the sentence that begins with field and value.
struct Refusal: Error, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    /// Refuses whatever ssh, its configuration file or a shell could take for more than text.
    static func check(_ text: String) throws(Refusal) {
        guard !text.isEmpty else { throw Refusal("is empty") }
        guard !text.hasPrefix("-") else { throw Refusal("begins with \"-\", which ssh would take for an option") }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r": throw Refusal("contains a line break")
            case "%": throw Refusal("contains \"%\", which ssh would expand")
            case "$", "`": throw Refusal("contains \"\(scalar)\", which ssh or a shell would expand")
            case "\"", "'", "\\":
                throw Refusal("contains \(scalar), which would break the quoting in ssh's configuration")
            default: break
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
                throw Refusal("contains an invisible character (U+\(String(scalar.value, radix: 16, uppercase: true)))")
            default: break
            }
        }
    }
}
