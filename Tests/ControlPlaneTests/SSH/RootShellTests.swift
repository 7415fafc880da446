import ControlPlane
import Reconciliation
import Testing

/// How root is had, on a host whose `id` says that the user is not root.
@Suite struct RootShellTests {
    /// Runs a script where the remote commands come from a directory of the test's own.
    static func run(sudo: String?) async throws -> ScriptOutput {
        try await withTemporaryDirectory { commands in
            var programs = ["id": "echo 1000"]
            programs["sudo"] = sudo
            for (name, text) in programs {
                try write("#!/bin/sh\n\(text)\n", to: "\(commands)/\(name)")
                try await ControlPlaneTests.shell("chmod 700 \(commands)/\(name)")
            }
            for name in ["sh", "timeout", "echo", "cat"] {
                try await ControlPlaneTests.shell("ln -s \"$(command -v \(name))\" \(commands)/\(name)")
            }
            return try await SSHSessionTests.withSession(options: "SetEnv PATH=\(commands)") { session, _ in
                try await session.shell.run(RemoteScript("echo fine"), SSHSessionTests.host, .seconds(60))
            }
        }
    }

    @Test("sudo without a password => the script runs under it")
    func sudo() async throws {
        let output = try await Self.run(sudo: #"[ "$1" = -n ] || exit 9; shift; exec "$@""#)
        #expect(String(decoding: output.standardOutput, as: UTF8.self) == "fine\n")
    }

    @Test("sudo that wants a password => refused, with its words and what to do")
    func password() async throws {
        let failure = await #expect(throws: SSHFailure.self) {
            try await Self.run(sudo: "echo 'sudo: a password is required' >&2; exit 1")
        }
        #expect(failure?.reason == .rootRefused)
        #expect(failure?.words == "sudo: a password is required")
        #expect(failure?.description.contains("NOPASSWD") == true)
    }

    @Test("no sudo => refused")
    func missing() async throws {
        let failure = await #expect(throws: SSHFailure.self) { try await Self.run(sudo: nil) }
        #expect(failure?.reason == .rootRefused)
        #expect(failure?.words.contains("sudo") == true)
    }

    @Test("a login that answers with words in place of a shell => those words")
    func forcedCommand() async throws {
        let failure = await #expect(throws: SSHFailure.self) {
            try await SSHSessionTests.withSession(
                options: "ForceCommand echo 'Please login as the user \"ubuntu\".'; exit 142"
            ) { session, _ in
                try await session.shell.run(RemoteScript("exit 0"), SSHSessionTests.host, .seconds(60))
            }
        }
        #expect(failure?.reason == .rootRefused)
        #expect(failure?.words == "Please login as the user \"ubuntu\".")
    }
}
