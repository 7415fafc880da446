/// Whether text is coloured, as Terraform colours its own.
enum TextStyle: Sendable {
    case plain
    case colored

    enum Color: String {
        case bold = "1"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    func callAsFunction(_ color: Color, _ text: String) -> String {
        self == .plain ? text : "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    /// A plan's sign: `+` is added, `~` changed, `-` taken away.
    func sign(_ sign: Character) -> String {
        switch sign {
        case "+": self(.green, "+")
        case "~": self(.yellow, "~")
        case "-": self(.red, "-")
        default: String(sign)
        }
    }
}
