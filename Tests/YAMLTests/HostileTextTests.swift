import Testing
import YAML

/// Texts that are made to use up time, memory or the call stack, or to speak through a message.
@Suite struct HostileTextTests {
    @Test("more values than anything that is read has => refused before they take memory")
    func tooMany() throws {
        let text = "[" + String(repeating: "1,", count: 500_000) + "1]"
        let yaml = try #require(throws: YAMLError.self) { _ = try Node.parse(text) }
        #expect(yaml.problem == "more than 500000 values")
        let json = try #require(throws: YAMLError.self) { _ = try Node.parseJSON(Array(text.utf8)) }
        #expect(json.problem == "more than 500000 values")
    }

    @Test("nested a million deep => refused at the limit, without using up the call stack")
    func deep() throws {
        for text in ["[", "{a: ", "- "] {
            let error = try #require(throws: YAMLError.self) {
                _ = try Node.parse(String(repeating: text, count: 1_000_000))
            }
            #expect(error.problem == "nested deeper than 200 levels", "\(text)")
        }
        for text in ["[", #"{"a":"#] {
            let error = try #require(throws: YAMLError.self) {
                _ = try Node.parseJSON(Array(String(repeating: text, count: 1_000_000).utf8))
            }
            #expect(error.problem == "nested deeper than 200 levels", "\(text)")
        }
    }

    @Test("a key with escape sequences and a line of its own, twice => named on one line, as text")
    func names() throws {
        let key = #""a\e[2J\u202Eb\n1:1: all is well""#
        let yaml = try #require(throws: YAMLError.self) { _ = try Node.parse("{\(key): 1, \(key): 2}") }
        #expect(yaml.problem == #"the key "a\u{1b}[2J\u{202e}b…" stands twice in this mapping"#)
        let jsonKey = key.replacing("\\e", with: "\\u001b")
        let json = try #require(throws: YAMLError.self) {
            _ = try Node.parseJSON(Array("{\(jsonKey): 1, \(jsonKey): 2}".utf8))
        }
        #expect(json.problem == #"the key "a\u{1b}[2J\u{202e}b…" stands twice in this object"#)
    }

    @Test("a name of a megabyte => compared with no known one")
    func longName() {
        let name = String(repeating: "enable", count: 200_000)
        #expect(Spelling.nearest(to: name, among: ["enable", "customEncryptionConfiguration"]) == nil)
        #expect(Spelling.nearest(to: "Enabel", among: ["enable", "name"]) == "enable")
    }
}
