import Reconciliation
import Subprocess
import SystemPackage
import Testing

@testable import ControlPlane

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where keys go on the operator's side, seen from outside of a process that does what a run does to a host.
@Suite struct KeysStayPutTests {
    static let script = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .appending("Fixtures/leaks.py").string

    /// A host with an encrypted control plane of a random key, whose bytes the tests' own process never has.
    private func withEncryptedHost(_ body: (LoopbackSSHD, TestHost) async throws -> Void) async throws {
        try await LoopbackSSHD.running { sshd in
            try await TestHost.running { host in
                try host.encrypt(with: TestHost.configuration("a"))
                let path = host.path(HostProbe.managedPath)
                try await shell(
                    """
                    sed -i "s,secret: .*,secret: $(head -c 32 /dev/urandom | base64)," '\(path)'
                    sum=$(sha256sum < '\(path)')
                    sed -i "s,^digest .*,digest ${sum%% *}," '\(host.path("/var/lib/atrest/record"))'
                    """)
                _ = try await Recipient("recipient", .ellipticCurve, in: host.root)
                try await body(sshd, host)
            }
        }
    }

    /// What a rotation's round does to a host: looks, makes a key, archives both, writes both, looks again; and what a restored
    /// backup needs: both are read from the archive.
    ///
    /// `beforeEnd` runs while the keys are still needed.
    static func change(_ sshd: LoopbackSSHD, root: String, beforeEnd: () async throws -> Void = {}) async throws {
        let session = try SSHSession(
            inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
        let probe = try await HostProbe.read(from: session.shell, host: SSHSessionTests.host, root: root)
        var material = probe.keyMaterial
        let made = try KeyGenerator.makeKey(provider: .aescbc, now: 1_769_903_999, existing: material.keys)
        let keys = [made.key] + material.keys + [.identity]
        material.merge(made.material)
        try archive(material, below: root)
        let configuration = try EncryptionConfigurationFile.render(
            EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: keys)]), material)
        var settings = ControlPlaneLock.Settings()
        settings.directory = root + "/var/lib/atrest"
        let lock = try await ControlPlaneLock.acquire(over: session, settings: settings)
        let writer = HostWriter(guarded: lock.guarded(session.shell), root: root)
        try await writer.install(
            HostStep(configurationPath: HostProbe.managedPath, configuration: configuration, manifest: nil), on: probe)
        let after = try await HostProbe.read(from: session.shell, host: SSHSessionTests.host, root: root)
        try #require(after.keyMaterial.keys.count == 2)
        try await beforeEnd()
        await lock.release()
        await session.close()
        withExtendedLifetime(material) {}
    }

    private static func archive(_ material: KeyMaterial, below root: String) throws {
        let recipient = try ArchiveRecipient(contentsOf: "\(root)/recipient.crt", now: secondsSince1970())
        let archive = KeyArchive(directory: "\(root)/archive", recipients: [recipient])
        _ = try archive.keep(material.keys, of: material, cluster: "test", hosts: [], now: 1_769_903_999)
        let archived = try ArchivedKeys(
            of: "test", in: archive.directory, privateKey: try DecryptionKey(contentsOf: "\(root)/recipient.key"))
        for key in material.keys {
            try #require(try archived.keys(for: key.storedForm).map(\.key.material.keys) == [[key]])
        }
    }

    @Test("keys that were read, made, archived and written => no copy of any is left in memory once they are let go")
    func memory() async throws {
        try await withEncryptedHost { sshd, host in
            let root = host.root
            await #expect(processExitsWith: .success) { [sshd = sshd as LoopbackSSHD, root = root as String] in
                let look = "python3 '\(Self.script)' memory '\(root + HostProbe.managedPath)' \(getpid()) > \(root)"
                try await Self.change(sshd, root: root) { try await shell("\(look)/during") }
                try await shell("\(look)/after")
            }
            let during = host.read("/during")?.split(separator: "\n") ?? []
            #expect(during.contains { $0.hasPrefix("key 0: ") })
            #expect(during.contains { $0.hasPrefix("key 1 in base64: ") })
            // Nowhere in the form in which they travel, not even while the keys are in use.
            #expect(!during.contains { $0.contains("of the file") }, "\(during)")
            #expect(host.read("/after") == "")
        }
    }

    @Test(
        """
        keys that were read, made, archived and written => in no argument, environment or file, only in pipes and sockets; the \
        archive's files are written meanwhile
        """)
    func trace() async throws {
        try await withEncryptedHost { sshd, host in
            let root = host.root
            await #expect(processExitsWith: .success) { [sshd = sshd as LoopbackSSHD, root = root as String] in
                try await Self.traced(into: "\(root)/trace") { try await Self.change(sshd, root: root) }
            }
            let found = try await shell(
                "python3 '\(Self.script)' trace '\(host.path(HostProbe.managedPath))' '\(host.path("/trace"))'")
            #expect(found == "sent\n")
            // strace -xx writes paths as bytes.
            let suffix = ArchiveLabel.fileSuffix.utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                .joined()
            #expect(host.read("/trace")?.contains(suffix + ">") == true)
        }
    }

    /// Runs `body` under an strace of this process and of the children that it starts meanwhile.
    private static func traced(into file: String, _ body: () async throws -> Void) async throws {
        let calls = "execve,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg"
        _ = try await run(
            .name("strace"),
            arguments: ["-f", "-y", "-xx", "-s", "1000000", "-e", "trace=\(calls)", "-o", file, "-p", "\(getpid())"],
            input: .none, output: .discarded, error: .sequence
        ) { execution in
            for try await line in execution.standardError.strings() where line.contains("attached") { break }
            try await body()
            try execution.send(signal: .interrupt)
        }
    }
}
