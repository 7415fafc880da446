/// The flags of a Kubernetes component's command line, as its parser (pflag) takes them.
package struct CommandLineFlags: Hashable, Sendable {
    /// One flag; the same may stand more than once, and the last one counts.
    package struct Flag: Hashable, Sendable {
        /// With `-` for `_`, without the leading dashes.
        package let name: String
        /// Empty where a flag stands alone (it is then a boolean that is true).
        package let value: String
        /// The index of the word that begins the flag.
        package let word: Int
        /// True where the value is a word of its own.
        package let isTwoWords: Bool
    }

    /// In order.
    package let flags: [Flag]

    /// Reads a command line, its executable included.
    package init(words: [String]) {
        var flags: [Flag] = []
        var index = 0
        while index < words.count, words[index] != "--" {
            defer { index += 1 }
            guard words[index].hasPrefix("--") else { continue }
            let parts = words[index].dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].map { $0 == "_" ? "-" : $0 })
            if parts.count == 2 {
                flags.append(Flag(name: name, value: String(parts[1]), word: index, isTwoWords: false))
            } else if index + 1 < words.count, !words[index + 1].hasPrefix("-") {
                flags.append(Flag(name: name, value: words[index + 1], word: index, isTwoWords: true))
                index += 1
            } else {
                flags.append(Flag(name: name, value: "", word: index, isTwoWords: false))
            }
        }
        self.flags = flags
    }

    /// The value of a flag (without dashes); nil where it is not given, empty where it stands alone.
    package subscript(name: String) -> String? {
        flags.last { $0.name == name }?.value
    }
}
