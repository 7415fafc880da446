import Testing

@testable import AtRestCommands

@Suite struct ProgressTests {
    @Test(
        "a rewrite's line => count, rate and time left",
        arguments: [
            (500, 2000, 2, "rewriting: 500 of 2,000, 250/s, 6 s left"),
            (0, 2000, 0, "rewriting: 0 of 2,000, 0/s, 0 s left"),
            (2100, 2000, 3, "rewriting: 2,100 of 2,100, 700/s, 0 s left"),
        ])
    func line(done: Int, total: Int, seconds: Int, text: String) {
        #expect(ProgressReporter.rewriteLine(done: done, total: total, elapsed: .seconds(seconds)) == text)
    }
}
