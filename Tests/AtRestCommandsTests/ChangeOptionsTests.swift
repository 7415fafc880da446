import ArgumentParser
import ControlPlane
import Testing

@testable import AtRestCommands

@Suite struct ChangeOptionsTests {
    @Test("--max-rewrites-per-second => the limit; without it there is none")
    func rewritesPerSecond() throws {
        #expect(try ChangeOptions.parse(["--max-rewrites-per-second", "50"]).limits.rewritesPerSecond == 50)
        #expect(try ChangeOptions.parse([]).limits.rewritesPerSecond == nil)
    }

    @Test(
        "--max-rewrites-per-second without sense => usage, 64, and what is needed",
        arguments: ["0", "-1", "many", "1e3"])
    func noLimit(text: String) throws {
        let error = #expect(throws: (any Error).self) {
            try ChangeOptions.parse(["--max-rewrites-per-second=\(text)"])
        }
        let wrong = try #require(error)
        #expect(ChangeOptions.exitCode(for: wrong).rawValue == 64)
        #expect(ChangeOptions.message(for: wrong).contains("1 or more is needed"))
    }
}
