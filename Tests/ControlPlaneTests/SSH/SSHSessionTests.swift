import ControlPlane
import Logging
import Reconciliation
import Testing

@Suite struct SSHSessionTests {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static let host = HostName("cp1")

    /// A session with one host behind a fresh sshd.
    static func withSession<Value: Sendable>(
        options: String = "", _ body: (SSHSession, LoopbackSSHD) async throws -> Value
    ) async throws -> Value {
        try await LoopbackSSHD.running(options: options) { sshd in
            let session = try SSHSession(
                inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: quiet)
            do {
                let value = try await body(session, sshd)
                await session.close()
                return value
            } catch {
                await session.close()
                throw error
            }
        }
    }

    @Test("a script => its output, errors and status")
    func script() async throws {
        try await Self.withSession { session, _ in
            try await session.open()
            let output = try await session.shell.run(
                RemoteScript("id -u; echo problem >&2; umask; echo \"$LC_ALL\"; exit 7"), Self.host, .seconds(60))
            #expect(String(decoding: output.standardOutput, as: UTF8.self) == "0\n0077\nC\n")
            #expect(output.standardError == "problem\n")
            #expect(output.status == 7)
        }
    }

    @Test("variables that shells give a meaning to => they arrive as they are")
    func quoting() async throws {
        let torture = [
            "plain", "two words", "it's", "''", "\"; rm -rf /", "$(touch /tmp/owned)", "`id`", "line\nfeed",
            "back\\slash\\",
            "ä€😀", "-n", "", "*", "~root", "%s%n", "trailing\n", "tab\t", "\r",
        ]
        let variables = Dictionary(uniqueKeysWithValues: torture.enumerated().map { ("value\($0)", $1) })
        let script = RemoteScript(
            torture.indices.map { "printf '%s\\0' \"$value\($0)\"\n" }.joined(), variables: variables)
        try await Self.withSession { session, _ in
            let output = try await session.shell.run(script, Self.host, .seconds(60))
            let values = output.standardOutput.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            #expect(values.map { String(decoding: $0, as: UTF8.self) } == torture)
        }
    }

    @Test("1 MiB of binary payload => it comes back byte for byte")
    func payload() async throws {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<(1 << 20) + 1).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try await Self.withSession { session, _ in
            let output = try await session.shell.run(
                RemoteScript(
                    "printf '%s' \"$payload\" | base64 -d; printf '%s' \"$short\" | base64 -d",
                    payloads: ["payload": SecretBytes(bytes), "short": SecretBytes(Array("ab".utf8))]),
                Self.host, .seconds(60))
            #expect(Array(output.standardOutput) == bytes + Array("ab".utf8))
            #expect(output.status == 0)
        }
    }

    @Test("eight scripts at once with 3 MiB of output each => all of it, each time")
    func output() async throws {
        try await Self.withSession { session, _ in
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let script = RemoteScript("head -c 3145728 /dev/zero; exit 0")
                        return try await session.shell.run(script, Self.host, .seconds(60)).standardOutput.count
                    }
                }
                var counts: [Int] = []
                for try await count in group { counts.append(count) }
                return counts
            }
            #expect(counts == Array(repeating: 3_145_728, count: 8))
        }
    }

    @Test("a start-up file that prints => a script's output is its own")
    func noise() async throws {
        try await Self.withSession(options: "ForceCommand echo noise; eval \"$SSH_ORIGINAL_COMMAND\"") { session, _ in
            let output = try await session.shell.run(RemoteScript("echo fine"), Self.host, .seconds(60))
            #expect(String(decoding: output.standardOutput, as: UTF8.self) == "fine\n")
        }
    }

    @Test("a script's output, described in any way => none of it is seen")
    func redaction() {
        let output = ScriptOutput(status: 3, bytes: Array("key".utf8), standardError: "key")
        var dumped = ""
        dump(output, to: &dumped)
        for text in ["\(output)", String(reflecting: output), dumped, "\([output])"] {
            #expect(text.contains("<status 3, 3 bytes of output>"))
            #expect(!text.contains("key") && !text.contains("107"))
        }
    }

    @Test("a variable that no shell could have => refused before anything is sent")
    func unsendable() {
        for variables in [["a b": "x"], ["1a": "x"], ["": "x"], ["a;id": "x"], ["a": "x\0y"]] {
            #expect(throws: UnsendableVariable.self) { try RemoteScript("exit 0", variables: variables).wire() }
        }
    }

    @Test(
        "an address that is none => not forwarded", arguments: ["-oProxyCommand=id", "a b", "", "/run/x.sock", "a%h"])
    func unsafeAddress(address: String) async throws {
        let session = try SSHSession(inventory: Inventory(clusterName: "test", hosts: []), logger: Self.quiet)
        await #expect(throws: UnsafeForwardAddress.self) { try await session.shell.forward(address, 6443, Self.host) }
        await session.close()
    }

    @Test("a forwarded socket => what listens on the host's loopback answers")
    func forward() async throws {
        try await Self.withSession { session, _ in
            let listener = try TCPListener()
            defer { listener.close() }
            let socket = try await session.shell.forward("127.0.0.1", listener.port, Self.host)
            let server = Task.detached { try listener.answer("hello") }
            #expect(try await readAll(socket) == "hello")
            try await server.value
        }
    }
}
