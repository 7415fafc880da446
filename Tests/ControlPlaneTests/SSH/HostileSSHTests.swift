import Reconciliation
import Testing

@testable import ControlPlane

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Hosts that let us in and then misbehave.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostileSSHTests {
    /// A session with a host on which every command runs `program`, which finds ours in `$SSH_ORIGINAL_COMMAND`.
    private func withSession<Value: Sendable>(
        _ program: String, _ body: (SSHSession, LoopbackSSHD) async throws -> Value
    ) async throws -> Value {
        try await SSHSessionTests.withSession(options: "ForceCommand \(program)", body)
    }

    /// What a session's private directory takes, in bytes.
    private func size(of session: SSHSession) async throws -> Int {
        let text = try await ControlPlaneTests.shell("du -s -B1 --apparent-size \(session.configuration.directory)")
        return text.split(separator: "\t").first.flatMap { Int($0) } ?? 0
    }

    @Test(
        "a host that prints without end in place of an answer => refused by name, with what to look for",
        arguments: ["yes", "cat /dev/zero", "cat /dev/zero >&2"])
    func endlessAnswer(program: String) async throws {
        try await withSession(program) { session, _ in
            let failure = await #expect(throws: UnreachableHosts.self) { try await session.open() }
            #expect(failure?.failures.map(\.reason) == [.tooMuchOutput])
            let words = try #require(failure?.description)
            #expect(words.hasPrefix("\"cp1\" (root@127.0.0.1:"))
            #expect(
                words.hasSuffix(
                    "printed more than a script may; look for a command on the host that prints without end"))
        }
    }

    @Test(
        "a connection that is used, and then prints without end => ended, and neither memory nor the disk is filled",
        arguments: ["cat /dev/zero", "cat /dev/zero >&2"])
    func endlessMaster(program: String) async throws {
        // Nobody reads what a connection prints once it stands.
        try await withSession(
            "case $SSH_ORIGINAL_COMMAND in *atrest-ready*) echo atrest-ready; \(program) ;; *) sleep 1000 ;; esac"
        ) {
            session, _ in
            let master = try await session.master(of: SSHSessionTests.host)
            await #expect(throws: TooMuchOutput.self) { try await master.exitStatus() }
            #expect(!master.isRunning)
            #expect(try await size(of: session) <= HeldChild.fileLimit + (1 << 20))
        }
    }

    @Test("a host that does not say whether it has the lock => given up, and no lock stays anywhere")
    func silentLock() async throws {
        try await SSHSessionTests.withSession { session, sshd in
            // The holder waits for this file's lock, which nobody gives back.
            var settings = ControlPlaneLock.Settings()
            settings.directory = "\(sshd.directory)/lock"
            settings.answer = .milliseconds(500)
            try await ControlPlaneTests.shell("mkdir -m 700 \(settings.directory)")
            let holding = Task { [settings] in
                try await session.shell.run(
                    RemoteScript(
                        "exec 8>>\"$file\"; flock 8; touch \"$file.held\"; sleep 20",
                        variables: ["file": "\(settings.directory)/guard"]),
                    SSHSessionTests.host, .seconds(60))
            }
            while unsafe access("\(settings.directory)/guard.held", F_OK) != 0 { await Task.yield() }
            let error = await #expect(throws: LockUnavailable.self) {
                try await ControlPlaneLock.acquire(over: session, settings: settings)
            }
            #expect(
                error?.description.hasPrefix(
                    "the lock on \"cp1\" cannot be taken: the host does not say whether it has it; ") == true)
            holding.cancel()
            _ = await holding.result
        }
    }

    @Test("escape sequences in what a host says => one plain line in every message")
    func words() async throws {
        let tricks = #"\033[2J\r\033]0;x\007\302\233A"#
        try await withSession("printf '\(tricks) no \(tricks)\\n' >&2; printf '\(tricks)\\n'; exit 3") { session, _ in
            let failure = await #expect(throws: UnreachableHosts.self) { try await session.open() }
            let words = try #require(failure?.description)
            #expect(words.isPlain, "\(words.debugDescription)")
            #expect(words.contains("gave no root shell"))
        }
        let failed = HostScriptFailed(
            status: 1, lastWords: HostScriptFailed.lastWords("a\nmv: \u{1B}[2Jb\u{202E}c\r\n"))
        #expect("\(failed)" == "a command on the host failed (exit status 1): mv:  [2Jb c")
    }
}
