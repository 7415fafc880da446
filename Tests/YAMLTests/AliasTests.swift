import Testing
import YAML

@Suite struct AliasTests {
    @Test("merge keys => own fields first, then earlier merged mappings")
    func merge() throws {
        let text = "x: &x {a: 1, b: 1}\ny: &y {<<: *x, c: 2}\nz: {<<: [*y, {c: 3, d: 3}], b: 0}\n"
        let pairs = try #require(try Node.parse(text)?["z"]?.mergedMapping)
        let merged = pairs.map { "\($0.key.scalar ?? "")=\($0.value.scalar ?? "")" }
        #expect(merged == ["b=0", "c=2", "a=1", "d=3"])
    }

    @Test("a quoted << or one that names no mapping => an ordinary key")
    func noMerge() throws {
        #expect(try Node.parse("{'<<': {a: 1}}")?.mergedMapping?.map(\.key.scalar) == ["<<"])
        #expect(try Node.parse("{<<: 1}")?.mergedMapping?.map(\.key.scalar) == ["<<"])
    }

    @Test("aliases that stack a tree too high => refused before anything walks it")
    func stacked() {
        let lines = (1...100_000).map { "- &a\($0) [*a\($0 - 1)]" }
        let text = "- &a0 x\n" + lines.joined(separator: "\n")
        #expect(throws: YAMLError(problem: "nested deeper than 200 levels", line: 200, column: 10)) {
            try Node.parse(text)
        }
    }

    @Test("many aliases side by side => accepted")
    func wide() throws {
        let text = "- &a [x]\n" + String(repeating: "- *a\n", count: 1000)
        #expect(try Node.parse(text)?.sequence?.count == 1001)
    }

    @Test("a few lines of aliases that stand for billions of values => refused before anything walks them")
    func billions() {
        let lines = (1...12).map { "- &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]" }
        let text = "- &a0 x\n" + lines.joined(separator: "\n")
        #expect(throws: YAMLError(problem: "aliases stand for more than 100000 values", line: 8, column: 23)) {
            try Node.parse(text)
        }
    }
}
