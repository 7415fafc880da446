package import YAML

/// What is wrong with the operator's inputs; everything that was found, not only the first.
package struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one, in the order of the files.
    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }

    /// One problem a line.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// One thing that is wrong: where, what, and what to do.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
    package let place: Place
    package let text: String

    package init(_ text: String, at place: Place) {
        self.text = text
        self.place = place
    }

    package var description: String { "\(place): \(text)" }
}

/// A place in one of the operator's files.
package struct Place: Hashable, Sendable, CustomStringConvertible {
    /// As the operator named it.
    package let file: String
    /// Nil where the file as a whole is meant.
    package let line: Int?
    /// Nil where the line as a whole is meant.
    package let column: Int?

    package init(file: String, line: Int? = nil, column: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
    }

    package init(file: String, mark: Mark) {
        self.init(file: file, line: mark.line, column: mark.column)
    }

    /// `file:line:column`, as far as known.
    package var description: String {
        ([file] + [line, column].compactMap { $0 }.map(String.init)).joined(separator: ":")
    }
}
