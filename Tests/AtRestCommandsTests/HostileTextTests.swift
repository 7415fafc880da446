import ControlPlane
import FoundationEssentials
import Logging
import Reconciliation
import Testing

@testable import AtRestCommands

/// What others wrote, on its way to a terminal.
@Suite struct HostileTextTests {
    /// Clears the screen, moves the cursor, sets the window's title, erases the line, turns the text around, hides it, ends it.
    static let tricks = "\u{1B}[2J\u{1B}[1A\u{1B}]0;title\u{7}\r\u{9B}2K\u{202E}\u{1B}[8m\u{85}\u{2028}\u{8}\u{0}"

    /// Nothing but text, line feeds and our own colours.
    static func isHarmless(_ text: String) -> Bool {
        let plain = ["0", "1", "31", "32", "33"].reduce(text) { $0.replacing("\u{1B}[\($1)m", with: "") }
        return plain.unicodeScalars.allSatisfy { $0.isPrintable || $0 == "\n" }
    }

    @Test("escape sequences in what is printed => shown as such, on standard output, in a log and in a question")
    func output() async throws {
        let result = try await #require(
            processExitsWith: .success,
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            Console.write("a\(HostileTextTests.tricks)b\nc \(TextStyle.colored(.bold, "heading"))\n")
            let log = RunLog()
            log.tell(.error, "d\(HostileTextTests.tricks)e")
            log.logger(.warning).warning(
                "f\(HostileTextTests.tricks)g", metadata: ["host": "\(HostileTextTests.tricks)h"])
            log.tellProgress("i\(HostileTextTests.tricks)j", .result, [:])
            _ = try await Console.ask("k\(HostileTextTests.tricks)l?")
        }
        for (bytes, words) in [
            (result.standardOutputContent, ["a", "b\n", "c \u{1B}[1mheading\u{1B}[0m\n"]),
            (result.standardErrorContent, ["d", "e", "f", "g", "h", "i", "j", "k", "l?"]),
        ] {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(HostileTextTests.isHarmless(text), "\(text.debugDescription)")
            for word in words { #expect(text.contains(word), "\(word) in \(text.debugDescription)") }
        }
    }

    @Test("a live line and its result with escape sequences => only ours move the cursor")
    func live() {
        let stage = ProgressTests.Stage()
        let log = stage.log(environment: ProgressTests.terminal)
        log.show("a\(Self.tricks)b")
        log.tell(.info, "c\(Self.tricks)d")
        log.show(nil)
        let written = stage.written().replacing("\r\u{1B}[K", with: "")
        #expect(written.contains("b") && written.contains("d\n"))
        #expect(Self.isHarmless(written), "\(written.debugDescription)")
    }

    @Test("escape sequences in JSON, of a command and of a log => escaped, and read back as they were")
    func json() throws {
        let text = try jsonText(["name": Self.tricks])
        #expect(Self.isHarmless(text))
        #expect(try JSONDecoder().decode([String: String].self, from: Data(text.utf8)) == ["name": Self.tricks])
        let stage = ProgressTests.Stage()
        stage.log(.json).tell(.error, Self.tricks)
        let written = stage.written()
        #expect(Self.isHarmless(written))
        let line = try JSONDecoder().decode([String: LogValue].self, from: Data(written.utf8))
        #expect(line["message"] == .text(Self.tricks))
    }

    @Test("names with line feeds, in files of a host and in etcd => no line of their own in status and verify")
    func forgedLines() {
        let lie = "x\nNothing is wrong.\n"
        let key = Key.local(provider: .aescbc, name: lie, fingerprint: Fingerprint("01"))
        let configuration = EncryptionConfiguration(entries: [
            .init(resources: [.secrets, ResourceName(lie)], keys: [key, .identity])
        ])
        var sighting = ClusterSighting.managed.storing(
            [key.storedForm: 1, .encrypted(scheme: lie, name: lie): 2, .plaintext: 3],
            examples: [.plaintext: [lie], key.storedForm: [lie]])
        sighting = sighting.changing(0) { found in
            found.host.file = .present(configuration, digest: "0")
            found.host.drift = ["\"\(lie)\" has mode 644"]
            found.version = lie
        }
        let status = StatusReport(
            clusterName: "k1", declared: .managed, sighting: sighting, now: EncryptionRequestTests.now)
        let verify = VerifyReport(clusterName: "k1", declared: .managed, sighting: sighting)
        for text in [StatusText(report: status).render(), VerifyText(report: verify).render()] {
            #expect(!text.split(separator: "\n").contains("Nothing is wrong."), "\(text)")
        }
    }
}
