import Reconciliation
import Testing

@testable import ControlPlane

@Suite("A configuration that moves to another path") struct MoveTests {
    static let customFlag = "--encryption-provider-config=\(HostProbe.customPath)"

    /// Writes the step that moves what the flag names to the custom path.
    private func begin(on host: TestHost) async throws {
        let probe = try await host.probe()
        let manifest = try #require(probe.pod?.manifest)
        let text = try manifest.patched(
            encryptionConfigurationPath: HostProbe.customPath, digest: TestHost.digest(HostWriterTests.new),
            kmsSockets: [])
        try await host.writer().install(
            HostStep(
                configurationPath: HostProbe.customPath, configuration: SecretBytes(HostWriterTests.new.utf8),
                manifest: text), on: probe)
    }

    private var old: EncryptionConfiguration {
        get throws { try EncryptionConfigurationFile(text: HostWriterTests.old, label: "").configuration }
    }

    @Test(
        "written, restarted, committed, the old file removed => loaded from the new path",
        arguments: Interpreter.allCases)
    func moved(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: HostWriterTests.old)
            try await begin(on: host)
            let between = try await host.probe()
            #expect(host.read(HostProbe.managedPath) == HostWriterTests.old)
            #expect(between.configurationPath == HostProbe.customPath)
            #expect(try between.loaded() == .before(old) && between.needsRollbackCopy())
            #expect(between.strayConfigurations.isEmpty)

            try host.removeProcess(100)
            try host.addServer(200, start: 1001, flags: TestHost.flags + [Self.customFlag])
            let after = try await host.probe()
            #expect(after.loaded() == .disk && after.observed(health: .ready).place == .custom)
            try await host.writer().commit(after)
            // A run that dies here leaves the old file to the next one.
            let stray = try await host.probe()
            #expect(stray.strayConfigurations.map(\.path) == [HostProbe.managedPath])
            #expect(stray.observed(health: .ready).hasLeftovers)
            try await host.writer().removeConfiguration(
                HostProbe.managedPath, digest: try TestHost.digest(HostWriterTests.old), on: stray)
            let end = try await host.probe()
            #expect(end.loaded() == .disk && !end.observed(health: .ready).hasLeftovers)
            #expect(
                try host.entries("/etc/kubernetes/encryption-providers") == ["custom-encryption-providers.yaml"])
        }
    }

    @Test("the API server does not come back => the copy has the file of the old path", arguments: Interpreter.allCases)
    func rolledBack(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.addServer(50, start: 1, flags: [], listening: [], name: "kubelet", cgroup: TestHost.kubeletCgroup)
            try host.encrypt(with: HostWriterTests.old)
            try await begin(on: host)
            try host.removeProcess(100)
            try host.setClock(2000)
            let down = try await host.probe()
            #expect(down.wayBack == .copy)
            #expect(try down.savedConfiguration == old)
            let copy = try #require(down.rollbackCopy)
            try await host.writer().rollBack(copy, on: host.name)
            #expect(host.read(HostProbe.managedPath) == HostWriterTests.old)
            #expect(host.read(TestHost.manifestPath) == TestHost.encrypted())
            try host.addServer(200, start: 2001, flags: TestHost.flags + [TestHost.configurationFlag])
            let back = try await host.probe()
            #expect(try back.loaded() == .disk && back.observed(health: .ready).onDisk == old)
            try await host.writer().commit(back)
            #expect(try await host.probe().strayConfigurations.map(\.path) == [HostProbe.customPath])
        }
    }

    @Test("from a file that is mounted by itself => its mount goes, and comes back with a rollback")
    func fromHandMade() async throws {
        let path = "/etc/kubernetes/pki-encryption/config.yaml"
        try await TestHost.running { host in
            try host.addServer(50, start: 1, flags: [], listening: [], name: "kubelet", cgroup: TestHost.kubeletCgroup)
            try host.joinControlPlane()
            try host.write(path, HostWriterTests.old)
            let flag = "--encryption-provider-config=\(path)"
            let manifest = TestHost.manifest([flag], mounts: [(path, path)])
            try host.write(TestHost.manifestPath, manifest, mode: 0o640)
            try host.removeProcess(100)
            try host.addServer(101, start: 500, flags: TestHost.flags + [flag])
            try await begin(on: host)
            let between = try await host.probe()
            #expect(between.pod?.manifest.hostPath(of: path) == nil)
            #expect(try between.savedConfiguration == old)
            try host.removeProcess(101)
            #expect(try await host.probe().wayBack == .copy)
            try await host.writer().rollBack(try #require(between.rollbackCopy), on: host.name)
            #expect(host.read(TestHost.manifestPath) == manifest && host.read(path) == HostWriterTests.old)
        }
    }

    /// A host whose API server uses a file that was made by hand and is mounted by itself.
    private func adopt(_ path: String, on host: TestHost) throws {
        let flag = "--encryption-provider-config=\(path)"
        try host.joinControlPlane()
        try host.write(path, HostWriterTests.old)
        try host.write(TestHost.manifestPath, TestHost.manifest([flag], mounts: [(path, path)]), mode: 0o640)
        try host.removeProcess(100)
        try host.addServer(101, start: 500, flags: TestHost.flags + [flag])
    }

    @Test("from a directory that others may write to => refused, nothing written", arguments: Interpreter.allCases)
    func fromUnsafePlace(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try adopt("/srv/wide/enc.yaml", on: host)
            _ = try await shell("chmod 775 '\(host.path("/srv/wide"))'")
            let failure = await #expect(throws: UnsafePath.self) { try await begin(on: host) }
            #expect(failure?.path == "/srv/wide")
            #expect(host.read(HostProbe.customPath) == nil)
            #expect(try host.entries("/var/lib/atrest").isEmpty)
        }
    }

    @Test("a death before the manifest was written => the next step copies what stands, which may be what it changes")
    func diedHalfway() async throws {
        try await TestHost.running { host in
            try adopt("/srv/enc.yaml", on: host)
            let manifest = try #require(host.read(TestHost.manifestPath))
            try await begin(on: host)
            #expect(try await host.probe().rollbackChoice(health: .ready) == .keep)
            try host.write(TestHost.manifestPath, manifest, mode: 0o640)
            #expect(try await host.probe().rollbackChoice(health: .ready) == .fresh)
            try host.write("/srv/enc.yaml", HostWriterTests.new)
            #expect(try await host.probe().rollbackChoice(health: .ready) == .keep)
        }
    }

    @Test("from a file that the host has at another path => known to be loaded; behind a death the next run removes it")
    func fromElsewhere() async throws {
        let (path, seen) = ("/srv/enc.yaml", "/etc/enc.yaml")
        let flag = "--encryption-provider-config=\(seen)"
        try await TestHost.running { host in
            try host.joinControlPlane()
            try host.write(path, HostWriterTests.old)
            try host.write(TestHost.manifestPath, TestHost.manifest([flag], mounts: [(path, seen)]), mode: 0o640)
            try host.removeProcess(100)
            try host.addServer(101, start: 500, flags: TestHost.flags + [flag])
            let adopted = try await host.probe()
            #expect(adopted.loaded() == .unknown && adopted.observed(health: .ready).place == .elsewhere)
            try await host.writer().install(
                HostStep(
                    configurationPath: path, configuration: SecretBytes(HostWriterTests.old.utf8),
                    manifest: adopted.pod?.manifest.text), on: adopted)
            try host.removeProcess(101)
            try host.addServer(102, start: 1001, flags: TestHost.flags + [flag])
            let known = try await host.probe()
            #expect(known.loaded() == .disk)
            try await host.writer().commit(known)

            try await begin(on: host)
            try host.removeProcess(102)
            try host.addServer(103, start: 1001, flags: TestHost.flags + [Self.customFlag])
            // A run that dies here leaves the old file to the next one.
            let stray = try await host.probe()
            #expect(stray.loaded() == .disk && stray.observed(health: .ready).hasLeftovers)
            #expect(stray.strayConfigurations.map(\.path) == [path])
            for file in stray.strayConfigurations {
                try await host.writer().removeConfiguration(file.path, digest: file.digest, on: stray)
                // So does one that dies here.
                try await host.writer().removeConfiguration(file.path, digest: file.digest, on: stray)
            }
            #expect(host.read(path) == nil)
            try await host.writer().commit(stray)
            #expect(try await !host.probe().observed(health: .ready).hasLeftovers)
        }
    }

    @Test("no flag, and only the operator's file => it counts")
    func flagDropped() async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            try host.makeDirectory("/etc/kubernetes/encryption-providers", mode: 0o700)
            try host.write(HostProbe.customPath, HostWriterTests.old)
            let observed = try await host.probe().observed(health: .ready)
            #expect(try observed.file.configuration == old && observed.place == .custom && !observed.isFlagged)
        }
    }
}
