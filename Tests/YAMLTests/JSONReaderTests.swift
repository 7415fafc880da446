import Testing
import YAML

@Suite struct JSONReaderTests {
    @Test("values of every kind => nodes with their places")
    func values() throws {
        let text = "{\"a\": [1, -2.5e+3, true, null],\n \"ä\": \"x\\/\\u00e4\\ud83d\\ude00\\n\", \"b\": {}}"
        let root = try Node.parseJSON(Array(text.utf8))
        #expect(root["a"]?.sequence?.map(\.scalar) == ["1", "-2.5e+3", "true", "null"])
        #expect(root["a"]?.sequence?[2].bool == true)
        #expect(root["a"]?.sequence?[3].isNull == true)
        #expect(root["ä"]?.scalar == "x/ä😀\n")
        #expect(root["b"]?.mapping?.isEmpty == true)
        #expect(root["b"]?.start.line == 2)
        #expect(root["b"]?.start.column == 39)
    }

    @Test("a string that looks like another value => a string")
    func quoted() throws {
        let root = try Node.parseJSON(Array("[\"true\", \"null\", \"\"]".utf8))
        let items = try #require(root.sequence)
        #expect(items.allSatisfy { $0.bool == nil && !$0.isNull })
    }

    @Test(
        "what is not JSON => the problem and its place",
        arguments: [
            ("", "1:1: expected a value"),
            ("{", "1:2: expected a key in double quotes"),
            ("{a: 1}", "1:2: expected a key in double quotes"),
            ("{\"a\" 1}", "1:6: expected \":\" after a key"),
            ("{\"a\": 1", "1:8: expected \",\" or \"}\" after a value"),
            ("{\"a\": 1,\n}", "2:1: expected a key in double quotes"),
            ("{\"a\": 1, \"a\": 2}", "1:10: the key \"a\" stands twice in this object"),
            ("[1,]", "1:4: expected a value"),
            ("[1 2]", "1:4: expected \",\" or \"]\" after a value"),
            ("[01]", "1:3: expected \",\" or \"]\" after a value"),
            ("[1.]", "1:4: expected a digit"),
            ("[-]", "1:3: expected a digit"),
            ("[1e]", "1:4: expected a digit"),
            ("'a'", "1:1: expected a value"),
            ("# a", "1:1: expected a value"),
            ("{} {}", "1:4: expected nothing more after the value"),
            ("[\"a", "1:2: this string has no end"),
            ("[\"a\nb\"]", "1:4: expected a control character in a string to be escaped"),
            ("[\"\\x\"]", "1:4: expected an escape that JSON knows"),
            ("[\"\\u12\"]", "1:7: expected four hexadecimal digits"),
            ("[\"\\ud800\"]", "1:9: expected both halves of a surrogate pair"),
        ])
    func errors(text: String, expected: String) {
        #expect(problem(Array(text.utf8)) == expected)
    }

    @Test("bytes that are not UTF-8, a byte order mark, bottomless nesting")
    func bytes() throws {
        #expect(problem([0x22, 0xC3, 0x22]) == "1:1: this string is not UTF-8")
        #expect(try Node.parseJSON([0xEF, 0xBB, 0xBF] + Array("1".utf8)).scalar == "1")
        #expect(problem(Array(repeating: UInt8(ascii: "["), count: 100_000)) == "1:201: nested deeper than 200 levels")
    }

    private func problem(_ bytes: [UInt8]) -> String? {
        do throws(YAMLError) {
            _ = try Node.parseJSON(bytes)
            return nil
        } catch {
            return error.description
        }
    }
}
