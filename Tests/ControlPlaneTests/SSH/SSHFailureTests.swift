import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct SSHFailureTests {
    /// What opening a session with these hosts reports.
    static func failures(of hosts: [Host]) async throws -> [SSHFailure] {
        let session = try SSHSession(
            inventory: Inventory(clusterName: "test", hosts: hosts), logger: SSHSessionTests.quiet)
        do {
            try await session.open()
        } catch let error as UnreachableHosts {
            await session.close()
            return error.failures
        }
        await session.close()
        return []
    }

    @Test(
        "a closed port, an unknown host key, another host key, a refused key => all reported together, each as what it is"
    )
    func openings() async throws {
        try await LoopbackSSHD.running { sshd in
            var changed = sshd.host("changed")
            changed.ssh.hostKey = try await ControlPlaneTests.shell("cat \(sshd.directory)/id.pub")
                .split(separator: "\n").joined()
            var refused = sshd.host("refused")
            refused.ssh.privateKeyFile = "\(sshd.directory)/host"
            var fine = sshd.host("fine")
            fine.ssh.agentSocket = "/nonexistent"
            let failures = try await Self.failures(of: [
                try sshd.host("closed", port: freePort()), sshd.host("unknown", pinned: false), changed, fine, refused,
            ])
            #expect(failures.map(\.host.text) == ["closed", "unknown", "changed", "refused"])
            #expect(
                failures.map(\.reason) == [.unreachable, .unknownHostKey, .changedHostKey, .authenticationRefused])
            #expect(failures[0].words.contains("Connection refused"))
            #expect(failures[1].words.contains("host key is known for"))
            #expect(failures[3].words.contains("Permission denied"))
            #expect(failures[3].description.contains("root@127.0.0.1:\(sshd.port)"))
        }
    }

    @Test("a name that does not resolve, a bastion that is down => unreachable")
    func unreachable() async throws {
        try await LoopbackSSHD.running { sshd in
            var nameless = sshd.host("nameless")
            nameless.address = "no-such-host.invalid"
            var behind = sshd.host("behind")
            behind.ssh.bastion = Bastion(
                address: "127.0.0.1", port: try freePort(), user: "root", hostKey: sshd.hostKey)
            let failures = try await Self.failures(of: [nameless, behind])
            #expect(failures.map(\.reason) == [.unreachable, .unreachable])
        }
    }

    @Test("sshd without forwarding => said, once a connection has failed")
    func forwardingForbidden() async throws {
        try await SSHSessionTests.withSession(options: "AllowTcpForwarding no") { session, _ in
            let socket = try await session.shell.forward("127.0.0.1", 1, SSHSessionTests.host)
            #expect(try await readAll(socket) == "")
            let failure = await #expect(throws: SSHFailure.self) { try await session.checkForward(socket) }
            #expect(failure?.reason == .forwardingForbidden)
            #expect(failure?.description.contains("AllowTcpForwarding") == true)
        }
    }

    @Test("a target that refuses connections => a socket all the same, for a server that is about to start")
    func targetRefuses() async throws {
        try await SSHSessionTests.withSession { session, _ in
            let port = try freePort()
            let socket = try await session.shell.forward("127.0.0.1", port, SSHSessionTests.host)
            #expect(try await readAll(socket) == "")
            try await session.checkForward(socket)
        }
    }

    @Test("an sshd with one session a connection => said")
    func sessions() async throws {
        try await SSHSessionTests.withSession(options: "MaxSessions 1") { session, _ in
            let failure = await #expect(throws: SSHFailure.self) {
                try await session.shell.run(RemoteScript("exit 0"), SSHSessionTests.host, .seconds(60))
            }
            #expect(failure?.reason == .sessionRefused)
        }
    }

    @Test("a script that takes too long => timed out, and the next one runs")
    func timeout() async throws {
        try await SSHSessionTests.withSession { session, _ in
            try await session.open()
            let failure = await #expect(throws: SSHFailure.self) {
                try await session.shell.run(RemoteScript("sleep 60"), SSHSessionTests.host, .seconds(1))
            }
            #expect(failure?.reason == .timedOut)
            let next = try await session.shell.run(RemoteScript("exit 4"), SSHSessionTests.host, .seconds(60))
            #expect(next.status == 4)
        }
    }

    @Test("output without end => cut off and said")
    func tooMuchOutput() async throws {
        try await SSHSessionTests.withSession { session, _ in
            let failure = await #expect(throws: SSHFailure.self) {
                try await session.shell.run(RemoteScript("cat /dev/zero"), SSHSessionTests.host, .seconds(60))
            }
            #expect(failure?.reason == .tooMuchOutput)
        }
    }

    @Test("the connection is cut in the middle of a script => lost; the next script opens a new one")
    func lost() async throws {
        try await SSHSessionTests.withSession { session, _ in
            // The shell's parent keeps its time limit, and has the host's end of the connection as its own parent.
            let cut = RemoteScript("kill -9 \"$(cut -d' ' -f4 \"/proc/$PPID/stat\")\"; sleep 60")
            let failure = await #expect(throws: SSHFailure.self) {
                try await session.shell.run(cut, SSHSessionTests.host, .seconds(60))
            }
            #expect(failure?.reason == .lost)
            let next = try await session.shell.run(RemoteScript("exit 4"), SSHSessionTests.host, .seconds(60))
            #expect(next.status == 4)
        }
    }

    @Test("several hosts fail => each is named once, also by an error that says it itself")
    func named() {
        let lost = SSHFailure(host: HostName("cp1"), endpoint: "root@10.0.0.1:22", reason: .lost, words: "")
        let failures = HostFailures(failures: [
            .init(host: HostName("cp1"), error: lost),
            .init(host: HostName("cp2"), error: HostScriptFailed(status: 1, lastWords: "no space left")),
        ])
        let lines = failures.description.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("\"cp1\" (root@10.0.0.1:22) was lost"))
        #expect(lines[1] == "cp2: a command on the host failed (exit status 1): no space left")
    }
}
