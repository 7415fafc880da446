/// A text that is not one well-formed YAML or JSON document.
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What libyaml or the reader objects to, in its words.
    package let problem: String
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in characters.
    package let column: Int

    package init(problem: String, line: Int, column: Int) {
        self.problem = problem
        self.line = line
        self.column = column
    }

    package var description: String { "\(line):\(column): \(problem)" }
}
