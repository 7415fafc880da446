import Testing

@testable import ControlPlane

@Suite("Lines that are kept of a long response") struct LineFilterTests {
    static let text = "# HELP metric_a {\nmetric_b{x=\"1\"} 1\nmetric_a 2\nmetric_a{x=\"1\"} 3\n\nmetric\nmetric_a{"

    @Test("a text in pieces of any length => the same lines", arguments: [1, 2, 7, 1000])
    func pieces(length: Int) {
        var filter = LineFilter(beginning: "metric_a{")
        let bytes = Array(Self.text.utf8)
        for start in stride(from: 0, to: bytes.count, by: length) {
            filter.add(bytes[start..<min(start + length, bytes.count)])
        }
        #expect(String(decoding: filter.kept, as: UTF8.self) == "metric_a{x=\"1\"} 3\nmetric_a{")
    }

    @Test("megabytes of other lines, or of one line without an end => nothing of them is held")
    func bounded() {
        var filter = LineFilter(beginning: "metric_a{")
        for _ in 0..<1000 { filter.add("metric_b{label=\"value\"} 1\n".utf8) }
        filter.add(String(repeating: "x", count: 100_000).utf8)
        #expect(filter.count == 0)
    }
}
