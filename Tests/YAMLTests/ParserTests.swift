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
