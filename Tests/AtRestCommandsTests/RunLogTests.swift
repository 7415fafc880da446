import ControlPlane
import FoundationEssentials
import Logging
import Reconciliation
import Subprocess
import SystemPackage
import Testing

@testable import AtRestCommands

@Suite struct RunLogTests {
    private typealias Stage = ProgressTests.Stage

    private func lines(_ stage: Stage) throws -> [[String: LogValue]] {
        try stage.written().split(separator: "\n").map {
            try JSONDecoder().decode([String: LogValue].self, from: Data($0.utf8))
        }
    }

    @Test("-l json, a rewrite and a restart => one object a line, with the documented keys, on a terminal too")
    func progress() throws {
        let stage = Stage()
        let reporter = stage.reporter(stage.log(.json, environment: ProgressTests.terminal))
        reporter.report(.begins(ProgressTests.restart, because: .notLoaded))
        reporter.report(.waits(for: .newServer(ProgressTests.host)))
        stage.wait(.seconds(10))
        reporter.tick()
        reporter.report(.finished(ProgressTests.restart))
        reporter.report(.begins(ProgressTests.rewrite, because: .storedUnder([])))
        reporter.report(.rewritten(done: 500, total: 2000))
        stage.wait(.seconds(2))
        reporter.tick()
        reporter.tick()
        let written = try lines(stage)
        let line: [String: LogValue] = [
            "time": .text("2026-11-23T00:00:00Z"), "level": .text("info"), "steps": .number(2), "step": .number(1),
            "kind": .text("configure"), "host": .text("cp1"),
        ]
        let heading = "[1/2] cp1: read the needed keys"
        try #require(written.count == 5, "\(written)")
        #expect(written[0] == line.with(["event": .text("stepBegins"), "message": .text(heading)]))
        #expect(
            written[1]
                == line.with([
                    "event": .text("stepWaits"), "seconds": .number(10), "waitsFor": .text("a new kube-apiserver"),
                    "message": .text(heading + ": 10 s, waiting for a new kube-apiserver"),
                ]))
        #expect(
            written[2]
                == line.with([
                    "event": .text("stepDone"), "seconds": .number(10), "message": .text(heading + ": done in 10.0 s"),
                ]))
        #expect(written[3]["event"] == .text("stepBegins") && written[3]["host"] == nil)
        #expect(
            written[4] == [
                "time": .text("2026-11-23T00:00:00Z"), "level": .text("info"), "step": .number(2), "steps": .number(2),
                "kind": .text("rewrite"), "event": .text("rewriting"), "done": .number(500), "total": .number(2000),
                "rate": .number(250), "etaSeconds": .number(6),
                "message": .text("rewriting: 500 of 2,000, 250/s, 6 s left"),
            ])
    }

    @Test("what a logger says => text with its time, or JSON in which time, level and message are the line's own")
    func logger() throws {
        let stage = Stage()
        let metadata: Logger.Metadata = ["host": "cp1", "time": "noon"]
        stage.log().logger(.warning).warning("slow", metadata: metadata)
        #expect(stage.written() == "2026-11-23T00:00:00Z warning slow host=cp1 time=noon\n")
        let logger = stage.log(.json).logger(.warning)
        logger.info("not heard")
        logger.warning("two\nlines", metadata: metadata)
        #expect(
            try lines(stage) == [
                [
                    "time": .text("2026-11-23T00:00:00Z"), "level": .text("warning"), "message": .text("two\nlines"),
                    "host": .text("cp1"),
                ]
            ])
    }

    @Test(
        "-l json and something wrong, be it the command line => every line is JSON and has the exit code",
        arguments: [
            (["validate", "-m", "/none.yaml", "-l", "json"], 4), (["plan", "--log-format", "json", "--bogus"], 64),
            (["apply", "--log-format=json", "--rotate-if-older-than", "x"], 64),
            (["plan", "-l", "json", "-m", "/none.yaml"], 4),
        ])
    func failures(arguments: [String], code: Int) async throws {
        let result = try await run(
            .path(FilePath(MemoryProtectionTests.binary)), arguments: Arguments(arguments),
            output: .string(limit: 10000), error: .string(limit: 10000))
        #expect(result.terminationStatus == .exited(Int32(code)))
        let lines = try result.standardError.split(separator: "\n").map {
            try JSONDecoder().decode([String: LogValue].self, from: Data($0.utf8))
        }
        #expect(lines.count == 1 && result.standardOutput.isEmpty)
        #expect(lines.first?["exitCode"] == .number(code) && lines.first?["level"] == .text("error"))
    }
}

extension [String: LogValue] {
    fileprivate func with(_ more: Self) -> Self { merging(more) { $1 } }
}

extension LogValue: Decodable {
    /// Reads a number or a string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = .number(try container.decode(Int.self))
        } catch is DecodingError {
            self = .text(try container.decode(String.self))
        }
    }
}
