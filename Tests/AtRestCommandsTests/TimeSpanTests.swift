import ArgumentParser
import Testing

@testable import AtRestCommands

@Suite struct TimeSpanTests {
    @Test(
        "a duration as Go writes it, or in days => its length",
        arguments: [
            ("90s", Duration.seconds(90)), ("5m", .seconds(300)), ("1h30m", .seconds(5400)),
            ("1.5h", .seconds(5400)), (".5m", .seconds(30)), ("2d", .seconds(172_800)),
            ("1d12h", .seconds(129_600)), ("250ms", .milliseconds(250)), ("3us", .microseconds(3)),
            ("3µs", .microseconds(3)), ("1ns", .nanoseconds(1)), ("0h1s", .seconds(1)),
        ])
    func reads(text: String, length: Duration) throws {
        #expect(try TimeSpan(text).duration == length)
    }

    @Test(
        "anything else => an error that says the form",
        arguments: [
            "", "0", "0s", "5", "-5m", "m", "5 m", "5m ", "1.2.3s", ".s", "5w", "5M", "1h30", "five", "٥m", "1e3s",
            "99999999999999999999s", "300000000d", "106751d106751d",
        ])
    func refuses(text: String) {
        #expect(throws: WrongTimeSpan(text: text)) { try TimeSpan(text) }
        #expect(WrongTimeSpan(text: text).description.contains("such as 90s, 5m, 1h30m or 30d"))
    }

    @Test(
        "a length => what may be typed",
        arguments: [(Duration.seconds(300), "5m"), (.seconds(93_784), "1d2h3m4s"), (.milliseconds(20), "0s")])
    func writes(length: Duration, text: String) {
        #expect(TimeSpan(length).description == text)
    }

    @Test("--restart-timeout => its length; without it 5m; a wrong one => usage, 64, and the form")
    func restartTimeout() throws {
        #expect(try ChangeOptions.parse(["--restart-timeout", "90s"]).restartTimeout.duration == .seconds(90))
        #expect(try ChangeOptions.parse([]).restartTimeout.duration == .seconds(300))
        let error = #expect(throws: (any Error).self) { try ChangeOptions.parse(["--restart-timeout", "soon"]) }
        let wrong = try #require(error)
        #expect(ChangeOptions.exitCode(for: wrong).rawValue == 64)
        #expect(ChangeOptions.message(for: wrong).contains("such as 90s, 5m, 1h30m or 30d"))
    }
}
