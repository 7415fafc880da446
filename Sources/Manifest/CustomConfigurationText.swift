internal import YAML

/// The EncryptionConfiguration that the operator wrote into the manifest; it may hold keys, so it redacts itself.
package struct CustomConfigurationText: Hashable, Sendable {
    /// The configuration itself, every byte of it; may hold keys.
    package let text: String
    private let mark: Mark
    private let file: String
    /// What each line of a literal block (`|`) is indented by; nil where the text stands in another style.
    private let indentation: Int?

    init(text: String, node: Node, manifest: String, file: String) {
        self.text = text
        self.mark = node.start
        self.file = file
        let lines = manifest.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        self.indentation = Self.indentation(of: text, below: node.start, lines: lines)
    }

    /// Where the value begins in the manifest.
    package var place: Place { Place(file: file, mark: mark) }

    /// What is wrong at a line and column (counted from 1) of the text, at its place in the manifest.
    ///
    /// Only a literal block (`|`) has its lines as the text has them; of every other style the place is where the value
    /// begins, and the problem names the text's own line and column.
    package func problem(_ problem: String, line: Int, column: Int) -> Problem {
        guard let indentation else {
            return Problem(
                "\(problem) (line \(line), column \(column) of the configuration)", at: place)
        }
        return Problem(problem, at: Place(file: file, line: mark.line + line, column: column + indentation))
    }

    private static func indentation(of text: String, below mark: Mark, lines: [Substring]) -> Int? {
        guard lines.indices.contains(mark.line - 1),
            lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1).first == "|",
            let index = text.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex(where: { !$0.allSatisfy(\.isWhitespace) }),
            lines.indices.contains(mark.line + index)
        else { return nil }
        let spaces = { (line: Substring) in line.prefix { $0 == " " }.count }
        let written = text.split(separator: "\n", omittingEmptySubsequences: false)[index]
        return spaces(lines[mark.line + index]) - spaces(written)
    }
}

extension CustomConfigurationText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<custom encryption configuration, \(text.utf8.count) bytes>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
