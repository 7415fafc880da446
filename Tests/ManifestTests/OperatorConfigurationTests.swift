import Foundation
import Manifest
import Testing

@Suite struct OperatorConfigurationTests {
    private func parse(_ text: String, home: String? = "/home/o") throws(InputError) -> OperatorConfiguration {
        try OperatorConfiguration(parsing: text, file: "config.yaml", home: home)
    }

    @Test("an archive and its recipients => as they are, the home directory filled in")
    func both() throws {
        let configuration = try parse(
            """
            keyArchive: ~/keys of mine
            keyArchiveRecipients:
            - /etc/pki/a.pem
            - ~/b.pem
            """)
        #expect(configuration.keyArchive == "/home/o/keys of mine")
        #expect(configuration.keyArchiveRecipients == ["/etc/pki/a.pem", "/home/o/b.pem"])
    }

    @Test("an empty file => nothing is said", arguments: ["", "# nothing yet\n", "keyArchive:\n"])
    func empty(text: String) throws {
        let configuration = try parse(text)
        #expect(configuration.keyArchive == nil)
        #expect(configuration.keyArchiveRecipients.isEmpty)
    }

    @Test(
        "what is wrong => refused with its place",
        arguments: [
            (
                "a: 1\nkeyArchve: /k\n",
                [
                    "config.yaml:1:1: the configuration has no field \"a\"; it may have keyArchive, keyArchiveRecipients",
                    "config.yaml:2:1: the configuration has no field \"keyArchve\"; did you mean keyArchive?",
                ]
            ),
            (
                "keyArchive: keys\n",
                [
                    #"config.yaml:1:13: keyArchive "keys" is no whole path: begin it with "/" or with "~/" for the home directory"#
                ]
            ),
            (
                "keyArchiveRecipients:\n- r.pem\n",
                [
                    #"config.yaml:2:3: keyArchiveRecipients "r.pem" is no whole path: begin it with "/" or with "~/" for the home directory"#
                ]
            ),
            (
                "keyArchiveRecipients: /r.pem\n",
                [
                    #"config.yaml:1:23: keyArchiveRecipients must be a list, here stands the string "/r.pem""#
                ]
            ),
            (
                "keyArchive: [\n",
                ["config.yaml:2:1: this is not YAML: while parsing a flow node: did not find expected node content"]
            ),
        ])
    func wrong(text: String, problems: [String]) throws {
        let error = try #require(throws: InputError.self) { try parse(text) }
        #expect(error.problems.map(\.description) == problems)
    }

    @Test("a home directory that is not set => a path below it is refused")
    func noHome() throws {
        #expect(throws: InputError.self) { try parse("keyArchive: ~/keys\n", home: nil) }
    }

    @Test("XDG_CONFIG_HOME, else ~/.config => the file there; no file => nothing is said")
    func place() throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "atrest-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        for (directory, archive) in [("\(home)/.config/atrest", "/default"), ("\(home)/xdg/atrest", "/xdg")] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try "keyArchive: \(archive)\n".write(toFile: "\(directory)/config.yaml", atomically: false, encoding: .utf8)
        }
        func archive(_ environment: [String: String]) throws -> String? {
            try OperatorConfiguration(environment: environment).keyArchive
        }
        #expect(try archive(["HOME": home]) == "/default")
        #expect(try archive(["HOME": home, "XDG_CONFIG_HOME": "\(home)/xdg"]) == "/xdg")
        #expect(try archive(["HOME": home, "XDG_CONFIG_HOME": "xdg"]) == "/default")
        #expect(try archive(["HOME": home, "XDG_CONFIG_HOME": "\(home)/none"]) == nil)
        #expect(try archive([:]) == nil)
    }
}
