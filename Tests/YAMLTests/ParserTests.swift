import Testing
import YAML

@Suite struct ParserTests {
    @Test("a mapping => its values by key, with line and column")
    func mapping() throws {
        let root = try #require(try Node.parse("a: 1\nb:\n  - x\n  - 'true'\n"))
        #expect(root["a"]?.scalar == "1")
        let items = try #require(root["b"]?.sequence)
        #expect(items.map(\.scalar) == ["x", "true"])
        #expect(items[1].bool == nil)
        #expect(items[1].start.line == 4)
        #expect(items[1].start.column == 5)
    }

    /// What Kubernetes' parser (YAML 1.1) made of each: true, false, or no boolean.
    @Test(
        "booleans in any spelling, and with tags => as Kubernetes' parser takes them",
        arguments: [
            ("true True TRUE yes Yes YES on On ON y Y", true), ("false False FALSE no No NO off Off OFF n N", false),
            ("tRUE yEs oN 1 0 null ~ \"yes\" 'true' yess", nil),
        ] as [(String, Bool?)])
    func booleans(words: String, expected: Bool?) throws {
        for word in words.split(separator: " ") {
            #expect(try Node.parse("a: \(word)")?["a"]?.bool == expected, "\(word)")
        }
    }

    @Test("a tag => it decides whether the text is a string")
    func tags() throws {
        func value(_ text: String) throws -> Node? { try Node.parse("a: \(text)")?["a"] }
        #expect(try value("!!bool \"yes\"")?.bool == true)
        #expect(try value("!!null ''")?.isNull == true)
        for text in ["!!str yes", "! yes", "!!binary true", "!own yes"] {
            #expect(try value(text)?.bool == nil, "\(text)")
        }
    }

    @Test("characters beyond ASCII before a value => the offset counts bytes")
    func offsets() throws {
        let text = "# ä€😀\nkey: value # ü\nlast: end\n"
        let root = try #require(try Node.parse(text))
        let last = try #require(root["last"])
        let bytes = Array(text.utf8)
        #expect(String(decoding: bytes[last.start.utf8Offset..<last.end.utf8Offset], as: UTF8.self) == "end")
    }

    @Test("broken texts => an error with its place")
    func errors() {
        #expect(throws: YAMLError.self) { try Node.parse("a: [1, 2\nb: }") }
        #expect(throws: YAMLError(problem: "control characters are not allowed", line: 2, column: 6)) {
            try Node.parse("ä: 1\n\"ä\": \u{7F}\n")
        }
        #expect(throws: YAMLError(problem: "the key \"a\" stands twice in this mapping", line: 2, column: 1)) {
            try Node.parse("a: 1\na: 2\n")
        }
    }

    @Test("no document, an alias, two documents")
    func documents() throws {
        #expect(try Node.parse("# nothing\n") == nil)
        #expect(try Node.parse("a: &x [1]\nb: *x\n")?["b"]?.sequence?.first?.scalar == "1")
        #expect(throws: YAMLError.self) { try Node.parse("a: 1\n---\nb: 2\n") }
        #expect(try Node.parseAll("a: 1\n---\nb: 2\n").count == 2)
    }
}
