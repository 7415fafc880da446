/// Whether text is coloured, as Terraform colours its own.
enum TextStyle: Sendable {
    case plain
    case colored

    enum Color: String, CaseIterable {
        case bold = "1"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    func callAsFunction(_ color: Color, _ text: String) -> String {
        self == .plain ? text : "\(Self.begin(color))\(text)\(Self.end)"
    }

    /// All that is ever put around a text.
    static let sequences = Color.allCases.map(begin) + [end]

    private static func begin(_ color: Color) -> String { "\u{1B}[\(color.rawValue)m" }

    private static let end = "\u{1B}[0m"

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
