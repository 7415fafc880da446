import FoundationEssentials
import Reconciliation
import Testing

@testable import ControlPlane

/// Hosts that answer our scripts with what they like.
@Suite(.timeLimit(.minutes(2))) struct HostileHostTests {
    private static let host = HostName("cp1")

    /// A host that gives these bytes to every script.
    private func shell(_ output: [UInt8], status: Int32 = 0, standardError: String = "") -> RemoteShell {
        RemoteShell(
            run: { _, _, _ in ScriptOutput(status: status, bytes: output, standardError: standardError) },
            forward: { _, _, _ in throw CancellationError() })
    }

    private func shell(_ frames: [(String, String)], noise: String = "", end: Bool = true) -> RemoteShell {
        let body = frames.map { "\($0) \($1.utf8.count)\n\($1)\n" }.joined()
        return shell(Array((noise + "atrest-frames\n" + body + (end ? "atrest-end\n" : "")).utf8))
    }

    private func probe(_ shell: RemoteShell) async throws -> HostProbe {
        try await HostProbe.read(from: shell, host: Self.host)
    }

    @Test(
        "an answer that is not whole, or not one => refused with the host's words, never half a picture",
        arguments: [
            "", "atrest-frames\n", "atrest-end\n", "atrest-frames\nfile 3\nabc",
            "atrest-frames\nfile -1\n\natrest-end\n",
            "atrest-frames\nfile 9223372036854775807\nabc\natrest-end\n",
            "atrest-frames\nfile 99999999999999999999\nabc\natrest-end\n",
            "atrest-frames\nfile\natrest-end\n", "atrest-frames\nfile 3 3\nabc\natrest-end\n",
            "atrest-frames\nfile 2\nabc\natrest-end\n",
            "atrest-frames\natrest-endless\n", "atrest-frames\natrest-end", "\u{0}\u{1}\u{2}\u{FF}",
        ])
    func incomplete(text: String) async throws {
        for bytes in [Array(text.utf8), [0xFF, 0xFE, 0x00] + Array(text.utf8) + [0x80]] {
            let failure = await #expect(throws: HostScriptFailed.self) { try await probe(shell(bytes)) }
            #expect(failure?.description.contains("its answer was cut short") == true)
        }
    }

    @Test(
        "much noise, of lines or of empty frames => read or refused in a moment",
        arguments: [
            String(repeating: "motd\n", count: 20_000), String(repeating: "x", count: 200_000),
            "atrest-frames\n" + String(repeating: "a 0\n\n", count: 20_000),
            "atrest-frames\n" + String(repeating: "file 1\nx\n", count: 20_000),
            "atrest-frames\n" + String(repeating: "process 1\n1\n", count: 10_000),
        ])
    func noise(text: String) async throws {
        await #expect(throws: HostScriptFailed.self) { try await probe(shell(Array(text.utf8))) }
        if text.hasPrefix("atrest-frames") {
            let whole = try await probe(shell(Array((text + "atrest-end\n").utf8)))
            #expect(whole.pod == nil)
        } else {
            let whole = try await probe(shell([("kernel", "6.1")], noise: text + "\n"))
            #expect(whole.system.kernel == "6.1")
        }
    }

    @Test("frames twice, out of order, or never asked for => the first counts, and none is another's")
    func forged() async throws {
        let probe = try await probe(
            shell(
                [
                    ("file.content", "c2VjcmV0"), ("file.attributes", "600 0 0 6 regular file"), ("kernel", "first"),
                    ("kernel", "second"),
                ] + (try look("first")) + (try look("second")) + [
                    ("stopped", "/x"), ("nothing.of.ours", "atrest-end\nfile 3\nabc\n"), ("", ""),
                    ("kernel.kernel", "x"),
                ]))
        #expect(unsafe probe.adminKubeconfig?.withBytes { unsafe Array($0) } == Array("first".utf8))
        #expect(probe.system.kernel == "first")
        #expect(probe.files.count == 1)
    }

    /// What the script prints of admin.conf; a digest or attributes that are given stand in place of the true ones.
    private func look(_ content: String, attributes: String? = nil, digest: String? = nil) throws -> [(String, String)]
    {
        let path = "/etc/kubernetes/admin.conf"
        let size = content.utf8.count
        return [
            ("file", path), ("files.attributes", (attributes ?? "600 0 0 \(size) regular file") + path),
            ("files.digests", (try digest ?? TestHost.digest(content)) + "  admin.conf"),
            ("files.contents", base64(Array(content.utf8))),
        ]
    }

    @Test(
        "a file whose size, digest, content and kind do not agree => not believed",
        arguments: [
            ("600 0 0 5 regular file", "first!"), ("600 0 0 -1 regular file", "first"),
            ("600 0 0 7 regular file", "first!"), ("600 0 0 0 regular file", "first"),
        ])
    func files(attributes: String, content: String) async throws {
        let frames = try look(content, attributes: attributes)
        await #expect(throws: FileChangedWhileRead.self) { try await probe(shell(frames)) }
    }

    @Test("a file that is said to be as large as can be => not read")
    func tooLarge() async throws {
        let frames = try look("first", attributes: "600 0 0 9223372036854775807 regular file")
        #expect(try await probe(shell(frames)).files.values.map(\.content?.count) == [nil])
    }

    @Test("a file without its content, with a part of it, or that is no base64 => not believed")
    func contents() async throws {
        for content in ["", "Zmly", "no base64"] {
            let frames = try look("first").dropLast() + [("files.contents", content)]
            await #expect(throws: FileChangedWhileRead.self) { try await probe(shell(Array(frames))) }
        }
        await #expect(throws: FileChangedWhileRead.self) { try await probe(shell(try look("first").dropLast(2))) }
    }

    @Test("a digest that a host notes for another content => not believed, whether that content is known or not")
    func digests() async throws {
        let first = try await probe(shell(try look("first")))
        let digest = try TestHost.digest("first")
        let lies = [
            try look("other", digest: digest), try look("second", digest: digest),
            try look("first", digest: String(repeating: "0", count: 64)), try look("first", digest: ""),
        ]
        for frames in lies { await #expect(throws: FileChangedWhileRead.self) { try await probe(shell(frames)) } }
        // Of a content that is known nothing more is needed than its digest and its size.
        for frames in lies.dropFirst() {
            await #expect(throws: FileChangedWhileRead.self) {
                try await HostProbe.read(from: shell(frames), host: Self.host, knowing: first)
            }
        }
        let known = try await HostProbe.read(from: shell(try look("first").dropLast()), host: Self.host, knowing: first)
        #expect(unsafe known.adminKubeconfig?.withBytes { unsafe Array($0) } == Array("first".utf8))
    }

    @Test(
        "a digest that a host notes for another content, in its record or in frames of its own => the content's own counts"
    )
    func notedDigests() async throws {
        let wrong = String(repeating: "0", count: 64)
        let path = HostProbe.managedPath
        let content = TestHost.configuration("a")
        let record = "path \(path)\ndigest \(wrong)\nboot_id b\nuptime 1\n"
        let recordPath = "/var/lib/atrest/record"
        let probe = try await probe(
            shell([
                ("file", path), ("file.digest", wrong), ("digest", wrong), ("file", recordPath),
                (
                    "files.attributes",
                    "600 0 0 \(content.utf8.count) regular file\(path)\n"
                        + "600 0 0 \(record.utf8.count) regular file\(recordPath)"
                ),
                ("files.digests", "\(try TestHost.digest(content))  a\n\(try TestHost.digest(record))  b"),
                ("files.contents", base64(Array((content + record).utf8))), ("boot_id", "b"),
            ]))
        #expect(probe.files[path]?.digest == (try TestHost.digest(content)))
        let server = APIServerProcess(
            id: 1, start: 100,
            flags: CommandLineFlags(words: ["kube-apiserver", "--encryption-provider-config=\(path)"]),
            ports: [6443], isPod: true)
        #expect(probe.evidence(for: server, metric: nil) == .unknown)
    }

    @Test("numbers that are none, or too large => not known, or as large as can be; nothing overflows")
    func numbers() async throws {
        let most = "9223372036854775807"
        for number in [most, "-1", "-9223372036854775808", "99999999999999999999", "NaN", "0x7f", "1e9", "", "١٢"] {
            let probe = try await probe(
                shell([
                    ("spaces", "\(number) \(number)/var/lib"), ("kubelet", number),
                    ("etcd.quota", number), ("etcd.log", "\(number)\n\(number)\n\(number)\n"),
                    ("etcd.space", "\(number) \(number)"),
                    ("file", "/etc/x"), ("files.attributes", "\(number) \(number) \(number) \(number) directory/etc/x"),
                    ("process", number), ("process.start", number),
                    ("process.words", base64(Array("kube-apiserver\0--secure-port=\(number)\0".utf8))),
                    ("process.ports", number), ("process.cgroup", "kubepods"), ("uptime", number),
                ]))
            #expect((probe.system.freeSpace["/var/lib"] ?? 0) >= 0)
            #expect((probe.system.etcdFreeSpace ?? 0) >= 0)
            #expect((probe.system.etcdLog?.bytes ?? 0) >= 0)
            #expect(probe.system.etcdLog?.bytes == (number == most ? .max : nil))
        }
    }

    @Test("a script that says that it wrote, and when is nonsense => no moment that a restart could be judged by")
    func writes() async throws {
        let probe = try await probe(shell([("kernel", "x")]))
        let step = HostStep(
            configurationPath: HostProbe.managedPath, configuration: SecretBytes(Array("a".utf8)), manifest: nil)
        for frames in [
            [("boot_id", "b"), ("uptime", "-1")], [("uptime", "1")], [("boot_id", "b"), ("uptime", "NaN")], [],
        ] {
            await #expect(throws: HostScriptFailed.self) {
                try await HostWriter(guarded: shell(frames)).install(step, on: probe)
            }
        }
    }

    @Test(
        "a write that was refused with a path and a reason that speak to the terminal => one plain line",
        arguments: [81, 82, 83] as [Int32])
    func stopped(status: Int32) async throws {
        let probe = try await probe(shell([("kernel", "x")]))
        let step = HostStep(
            configurationPath: HostProbe.managedPath, configuration: SecretBytes(Array("a".utf8)), manifest: nil)
        let lie = "/x\u{1B}[2J\ncp1: all is well\u{202E}" + String(repeating: "y", count: 100_000)
        let body = "atrest-frames\nstopped \(lie.utf8.count)\n\(lie)\nstopped.reason \(lie.utf8.count)\n\(lie)\n"
        await #expect {
            try await HostWriter(guarded: shell(Array(body.utf8), status: status)).install(step, on: probe)
        } throws: { error in
            "\(error)".isPlain && "\(error)".count < 1000
        }
    }

    @Test("a container's log without end, full of escape sequences => its end, in plain lines of bearable length")
    func log() async throws {
        let line = "\u{1B}[2J\u{1B}]0;x\u{7}" + String(repeating: "x", count: 10_000) + "\r\n"
        let log = try await RestartWatch(shell: shell([("log", String(repeating: line, count: 500))])).log(
            of: Self.host)
        #expect(log.count == 12)
        for line in log {
            #expect(line.isPlain)
            #expect(line.count <= 401)
        }
    }
}

extension String {
    /// One line with nothing that a terminal would act on.
    var isPlain: Bool { unicodeScalars.allSatisfy(\.isPrintable) }
}
