/// A line as a shell takes it apart, as far as documents need that: words, quotes, comments, operators, substitutions.
struct ShellLine {
    /// The words of each simple command in it, also of those in `$(…)` and of those inside of one quoted word.
    private(set) var commands: [[String]] = []

    private var rest: Substring
    private var words: [String] = []
    private var word: String?

    init(_ text: String) {
        rest = text[...]
        read(until: nil)
    }

    private mutating func read(until end: Character?) {
        while let character = rest.popFirst() {
            switch character {
            case end: return endCommand()
            case " ", "\t": endWord()
            case "#" where word == nil: rest = ""
            case "\\": word = (word ?? "") + (rest.popFirst().map(String.init) ?? "")
            case "'", "\"": readQuoted(character)
            case "$" where rest.first == "(": readSubstitution()
            case "<", ">":
                // `2>` redirects, and is no argument.
                if let number = word, number.allSatisfy(\.isNumber) { word = nil }
                endCommand()
            case "|", "&", ";", "(", ")", "`": endCommand()
            default: word = (word ?? "") + String(character)
            }
        }
        endCommand()
    }

    private mutating func readQuoted(_ quote: Character) {
        guard let close = Self.end(of: quote, in: rest) else {
            word = (word ?? "") + String(quote)
            return
        }
        var text = String(rest[..<close])
        rest = rest[close...].dropFirst()
        if quote == "\"" { text.replace(#/\\(["\\$`])/#) { $0.output.1 } }
        if text.contains(" ") { commands += ShellLine(text).commands }
        word = (word ?? "") + text
    }

    private mutating func readSubstitution() {
        let (outer, before) = (words, word)
        rest = rest.dropFirst()
        (words, word) = ([], nil)
        read(until: ")")
        (words, word) = (outer, (before ?? "") + "$()")
    }

    private mutating func endWord() {
        if let word { words.append(word) }
        word = nil
    }

    private mutating func endCommand() {
        endWord()
        if !words.isEmpty { commands.append(words) }
        words = []
    }

    private static func end(of quote: Character, in text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == quote { return index }
            if quote == "\"", text[index] == "\\" { index = text.index(after: index) }
            if index < text.endIndex { index = text.index(after: index) }
        }
        return nil
    }
}
