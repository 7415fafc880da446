import Testing
import YAML

@Suite struct AliasTests {
    @Test("merge keys => what the last of a key says, and which keys are given twice")
    func merge() throws {
        let text = "x: &x {a: 1, b: 1}\nm: &m {<<: *x, c: 2}\nz: {<<: [*m, {c: 3, d: 3}], b: 0}\n"
        let merged = try #require(try Node.parse(text)?["z"]?.mergedMapping)
        let pairs = merged.pairs.map { "\($0.key.scalar ?? "")=\($0.value.scalar ?? "")" }
        #expect(pairs.sorted() == ["a=1", "b=0", "c=2", "d=3"])
        let repetitions = merged.repetitions.map { "\($0.key) \($0.place.line):\($0.place.column)" }
        #expect(repetitions == ["c 3:5", "b 3:29"])
    }

    @Test("two merge keys in one mapping => both")
    func mergeTwice() throws {
        let text = "x: &x {a: 1}\ny: &y {b: 2}\nz: {<<: *x, <<: *y}\n"
        let merged = try #require(try Node.parse(text)?["z"]?.mergedMapping)
        #expect(merged.pairs.map(\.key.scalar) == ["a", "b"] && merged.repetitions.isEmpty)
        #expect(throws: YAMLError.self) { try Node.parse("{'<<': 1, '<<': 2}") }
    }

    @Test("a merge key behind the mapping's own => it is the last")
    func mergeBehind() throws {
        let merged = try #require(try Node.parse("x: &x {a: 1}\nz: {a: 2, <<: *x}\n")?["z"]?.mergedMapping)
        #expect(merged.pairs.map(\.value.scalar) == ["1"] && merged.repetitions.map(\.place.column) == [11])
    }

    @Test("a quoted << or one that names no mapping => an ordinary key")
    func noMerge() throws {
        #expect(try Node.parse("{'<<': {a: 1}}")?.mergedMapping?.pairs.map(\.key.scalar) == ["<<"])
        #expect(try Node.parse("{<<: 1}")?.mergedMapping?.pairs.map(\.key.scalar) == ["<<"])
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
