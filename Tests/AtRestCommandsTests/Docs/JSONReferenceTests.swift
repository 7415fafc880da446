import ControlPlane
import Testing

@testable import AtRestCommands

/// A table of the fields that a command prints with `-o json`, and what it prints.
struct JSONReference: Sendable, CustomTestStringConvertible {
    let page: String
    /// The heading that the table stands below, as it is written.
    let heading: String
    /// Every field must have something in it in one of these.
    let samples: @Sendable () throws -> [any Encodable]

    var testDescription: String { "\(page), \(heading)" }

    static let all = [
        JSONReference(page: "docs/validate.md", heading: "## `atrest validate -o json`", samples: validate),
        JSONReference(page: "docs/plan.md", heading: "### `atrest plan -o json`", samples: plan),
        JSONReference(page: "docs/plan.md", heading: "## `-v`, `-d` and `-l json`", samples: log),
        JSONReference(page: "docs/status.md", heading: "### `atrest status -o json`", samples: status),
        JSONReference(page: "docs/status.md", heading: "### `atrest verify -o json`", samples: verify),
        JSONReference(page: "docs/key-archive.md", heading: "### `atrest keys list DIR -o json`", samples: keysList),
    ]

    /// Paths in the table's first column; one that begins with a dot stands beside the one before it.
    func documented() throws -> [String] {
        try MarkdownPage(page).tableRows(below: heading).flatMap { row in
            var last = ""
            return row.names.map { name in
                if name.hasPrefix(".") {
                    last = (last.split(separator: ".").dropLast() + [name.dropFirst()]).joined(separator: ".")
                } else {
                    last = name
                }
                return last
            }
        }
    }
}

@Suite("Tables of JSON fields") struct JSONReferenceTests {
    @Test("every field that a command prints => in its table, and no other", arguments: JSONReference.all)
    func fields(reference: JSONReference) throws {
        let paths = try KeyPaths(of: try reference.samples())
        for path in paths.empty.sorted() {
            Issue.record("JSONReference+Samples.swift: no sample of \(reference) has anything in \(path): add one")
        }
        let documented = try reference.documented()
        for path in paths.found.sorted() where !documented.contains(path) {
            Issue.record("\(reference): the table has no row for `\(path)`: add it")
        }
        // A row may also say what an object or a list is, beside those of its fields.
        for path in documented where !paths.found.contains(where: { $0 == path || $0.hasPrefix("\(path).") }) {
            Issue.record("\(reference): no output has `\(path)`: remove it")
        }
        #expect(documented.count == Set(documented).count, "a field stands twice in \(reference)")
    }

    @Test("a field that no sample has, an empty list, a field of several samples => told apart")
    func paths() throws {
        struct Inner: Encodable {
            let a: Int
            let b: String?
        }
        struct Outer: Encodable {
            let one: Inner?
            let many: [Inner]
            let words: [String]
        }
        let full = try KeyPaths(of: [
            Outer(one: nil, many: [Inner(a: 1, b: nil), Inner(a: 2, b: "b")], words: ["a"]),
            Outer(one: Inner(a: 1, b: "b"), many: [], words: []),
        ])
        #expect(full.found == ["one.a", "one.b", "many[].a", "many[].b", "words[]"])
        #expect(full.empty.isEmpty)
        let poor = try KeyPaths(of: [Outer(one: nil, many: [Inner(a: 1, b: nil)], words: [])])
        #expect(poor.empty == ["one", "many[].b", "words[]"])
    }
}
