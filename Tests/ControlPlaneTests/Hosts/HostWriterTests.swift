import FoundationEssentials
import Reconciliation
import SystemPackage
import Testing

@testable import ControlPlane

@Suite("Writing a host's files") struct HostWriterTests {
    static let old = TestHost.configuration("a")
    static let new = TestHost.configuration("b")

    static func step(_ configuration: String? = new, manifest: String? = TestHost.encrypted(note: "new")) -> HostStep {
        HostStep(
            configurationPath: HostProbe.managedPath, configuration: configuration.map { SecretBytes($0.utf8) },
            manifest: manifest)
    }

    @Test(
        "enable => configuration, record and manifest, with modes, and a copy of before",
        arguments: Interpreter.allCases)
    func enable(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.joinControlPlane()
            try host.setClock(1234)
            let moment = try await host.writer().install(Self.step(), on: try await host.probe())
            #expect(moment == HostMoment(bootID: "boot-1", ticks: 1234))
            let probe = try await host.probe()
            #expect(host.read(HostProbe.managedPath) == Self.new)
            #expect(probe.files[HostProbe.managedPath]?.attributes?.mode == "600")
            #expect(probe.files["/etc/kubernetes/encryption-providers"]?.attributes?.mode == "700")
            #expect(probe.files["/var/lib/atrest"]?.attributes?.mode == "700")
            #expect(host.read(TestHost.manifestPath) == TestHost.encrypted(note: "new"))
            #expect(probe.files[TestHost.manifestPath]?.attributes?.mode == "640")
            #expect(try host.entries("/etc/kubernetes/manifests") == ["kube-apiserver.yaml"])
            #expect(
                probe.record
                    == WriteRecord(path: HostProbe.managedPath, digest: try TestHost.digest(Self.new), moment: moment))
            let copy = try #require(probe.rollbackCopy)
            #expect(copy.configuration == nil)
            #expect(copy.manifest?.text == TestHost.manifest())
            #expect(probe.leftovers.isEmpty)
            #expect(probe.loaded() == .before(.unencrypted))
        }
    }

    @Test("rotate, restart, commit => loaded from disk, no copy left", arguments: Interpreter.allCases)
    func rotate(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: Self.old)
            let before = try await host.probe()
            #expect(before.loaded() == .disk)
            try await host.writer().install(Self.step(), on: before)
            let between = try await host.probe()
            #expect(
                between.loaded() == .before(try EncryptionConfigurationFile(text: Self.old, label: "").configuration))
            #expect(between.rollbackCopy?.intended == [try TestHost.digest(Self.new)])
            try host.removeProcess(100)
            try host.addServer(200, start: 1001, flags: TestHost.flags + [TestHost.configurationFlag])
            let after = try await host.probe()
            #expect(after.loaded() == .disk)
            #expect(!after.needsRollbackCopy())
            try await host.writer().commit(after)
            let end = try await host.probe()
            #expect(end.rollbackCopy == nil)
            #expect(end.loaded() == .disk)
            #expect(try host.entries("/var/lib/atrest") == ["record"])
        }
    }

    @Test("all is as wanted => nothing is written", arguments: Interpreter.allCases)
    func unchanged(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: Self.new)
            let before = try await host.snapshot()
            try host.setClock(3000)
            let moment = try await host.writer().install(
                Self.step(manifest: TestHost.encrypted()), on: try await host.probe())
            #expect(moment.ticks == 3000)
            #expect(try await host.snapshot() == before)
            #expect(try await host.probe().loaded() == .disk)
        }
    }

    @Test("a probe => nothing is written")
    func readOnly() async throws {
        try await TestHost.running { host in
            try host.encrypt(with: Self.old)
            let before = try await host.snapshot()
            _ = try await host.probe()
            #expect(try await host.snapshot() == before)
        }
    }

    @Test("a file changed since the probe => refused, nothing written", arguments: Interpreter.allCases)
    func changed(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: Self.old)
            let probe = try await host.probe()
            for path in [TestHost.manifestPath, HostProbe.managedPath] {
                let content = try #require(host.read(path))
                try host.write(path, content + "# edited\n")
                let before = try await host.snapshot()
                let failure = await #expect(throws: HostChanged.self) {
                    try await host.writer().install(Self.step(), on: probe)
                }
                #expect(failure?.path == path)
                #expect(try await host.snapshot() == before)
                try host.write(path, content)
            }
        }
    }

    @Test("rolled back => what stood before, by mode and byte", arguments: Interpreter.allCases)
    func rollBack(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: Self.old)
            try await host.writer().install(Self.step(), on: try await host.probe())
            try host.setClock(2000)
            let copy = try #require(try await host.probe().rollbackCopy)
            let moment = try await host.writer().rollBack(copy, on: host.name)
            #expect(moment.ticks == 2000)
            #expect(host.read(HostProbe.managedPath) == Self.old)
            #expect(host.read(TestHost.manifestPath) == TestHost.encrypted())
            let probe = try await host.probe()
            #expect(probe.files[TestHost.manifestPath]?.attributes?.mode == "640")
            // The old process never went: it has what is on disk, and only the copy knows.
            #expect(probe.loaded() == .disk)
            #expect(probe.needsRollbackCopy())
        }
    }

    @Test("files of another user => written for root alone, put back and tidied as any others")
    func otherOwner() async throws {
        try await TestHost.running { host in
            try host.encrypt(with: Self.old)
            for path in [HostProbe.managedPath, TestHost.manifestPath] {
                try FileManager.default.setAttributes([.ownerAccountID: 1], ofItemAtPath: host.path(path))
            }
            try await host.writer().install(Self.step(), on: try await host.probe())
            try await host.writer().rollBack(try #require(try await host.probe().rollbackCopy), on: host.name)
            #expect(host.read(HostProbe.managedPath) == Self.old)
            #expect(host.read(TestHost.manifestPath) == TestHost.encrypted())
            for path in [HostProbe.managedPath, TestHost.manifestPath] {
                #expect(try await host.probe().files[path]?.attributes?.user == 0)
            }
            try await host.writer().commit(try await host.probe())
            #expect(try host.entries("/var/lib/atrest") == ["record"])
        }
    }

    @Test("enable rolled back => no flag and no file", arguments: Interpreter.allCases)
    func rollBackEnable(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.joinControlPlane()
            try await host.writer().install(Self.step(), on: try await host.probe())
            try await host.writer().rollBack(try #require(try await host.probe().rollbackCopy), on: host.name)
            #expect(host.read(TestHost.manifestPath) == TestHost.manifest())
            #expect(try host.entries("/etc/kubernetes/encryption-providers").isEmpty)
            #expect(try await host.probe().record?.digest == nil)
        }
    }

    @Test("no control plane yet => the file is staged, without a copy")
    func stage() async throws {
        try await TestHost.running { host in
            try FileManager.default.removeItem(atPath: host.path("/etc/kubernetes"))
            try await host.writer().install(Self.step(manifest: nil), on: try await host.probe())
            let probe = try await host.probe()
            #expect(host.read(HostProbe.managedPath) == Self.new)
            #expect(probe.rollbackCopy == nil)
            #expect(probe.files["/etc/kubernetes/encryption-providers"]?.attributes?.mode == "700")
            #expect(probe.observed(health: .ready).health == .notJoined)
        }
    }

    @Test("disable => manifest first, the file only once nobody names it", arguments: Interpreter.allCases)
    func disable(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: Self.old)
            let probe = try await host.probe()
            await #expect(throws: ConfigurationInUse.self) {
                try await host.writer().removeConfiguration(HostProbe.managedPath, digest: nil, on: probe)
            }
            try await host.writer().install(Self.step(nil, manifest: TestHost.manifest()), on: probe)
            #expect(host.read(HostProbe.managedPath) == Self.old)
            #expect(
                try await host.probe().loaded()
                    == .before(try EncryptionConfigurationFile(text: Self.old, label: "").configuration))
            try host.removeProcess(100)
            try host.addServer(200, start: 1001, flags: TestHost.flags)
            let after = try await host.probe()
            #expect(after.loaded() == .disk)
            try await host.writer().commit(after)
            let digest = try TestHost.digest(Self.old)
            await #expect(throws: HostChanged.self) {
                try await host.writer().removeConfiguration(
                    HostProbe.managedPath, digest: try TestHost.digest(Self.new), on: try await host.probe())
            }
            try await host.writer().removeConfiguration(
                HostProbe.managedPath, digest: digest, on: try await host.probe())
            #expect(try host.entries("/etc/kubernetes") == ["manifests"])
            #expect(try host.entries("/var/lib/atrest").isEmpty)
        }
    }

    @Test("wrong modes => put right with the write")
    func modes() async throws {
        try await TestHost.running { host in
            try host.encrypt(with: Self.new)
            _ = try await shell(
                """
                cd '\(host.root)'
                chmod 644 '.\(HostProbe.managedPath)'
                chown 1000 '.\(HostProbe.managedPath)'
                chmod 775 etc/kubernetes/encryption-providers
                chmod 777 var/lib/atrest
                chmod 662 '.\(TestHost.manifestPath)'
                """)
            let probe = try await host.probe()
            for path in [HostProbe.managedPath, "/etc/kubernetes/encryption-providers", "/var/lib/atrest"] {
                #expect(probe.drift.contains { $0.hasPrefix("\"\(path)\" has mode") })
            }
            #expect(probe.drift.contains("\"\(HostProbe.managedPath)\" belongs to 1000:0 instead of root"))
            #expect(probe.drift.contains("\"\(TestHost.manifestPath)\" has mode 662 instead of 640"))
            // Who opened them before must not reach what takes their place.
            let opened = try ["/etc/kubernetes/encryption-providers/encryption-providers.yaml", TestHost.manifestPath]
                .map {
                    try FileDescriptor.open(FilePath(host.path($0)), .readWrite)
                }
            try await host.writer().install(Self.step(manifest: TestHost.encrypted()), on: probe)
            for file in opened {
                try file.closeAfter { _ = try file.writeAll("owned".utf8) }
            }
            let after = try await host.probe()
            #expect(after.drift.isEmpty)
            #expect(host.read(HostProbe.managedPath) == Self.new)
            #expect(host.read(TestHost.manifestPath) == TestHost.encrypted())
            #expect(after.loaded() == .disk)
        }
    }

    @Test("the directory as KubeOne leaves it => no drift, closed with the next write")
    func kubeOnesDirectory() async throws {
        try await TestHost.running { host in
            try host.encrypt(with: Self.old)
            let directory = "/etc/kubernetes/encryption-providers"
            _ = try await shell("chmod 755 '\(host.path(directory))'")
            let probe = try await host.probe()
            #expect(probe.drift.isEmpty)
            try await host.writer().install(Self.step(manifest: TestHost.encrypted()), on: probe)
            #expect(try await host.probe().files[directory]?.attributes?.mode == "700")
        }
    }

    @Test("an adopted file elsewhere => replaced in its own directory, which stays", arguments: Interpreter.allCases)
    func adopted(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.joinControlPlane()
            try host.write("/srv/enc/file.yaml", Self.old, mode: 0o644)
            let manifest = TestHost.manifest(
                ["--encryption-provider-config=/in/file.yaml"], mounts: [("/srv/enc", "/in")])
            try host.write(TestHost.manifestPath, manifest)
            let probe = try await host.probe()
            let step = HostStep(
                configurationPath: probe.configurationPath, configuration: SecretBytes(Self.new.utf8), manifest: nil)
            try await host.writer().install(step, on: probe)
            #expect(host.read("/srv/enc/file.yaml") == Self.new)
            #expect(try host.entries("/srv/enc") == ["file.yaml"])
            let after = try await host.probe()
            #expect(after.files["/srv/enc/file.yaml"]?.attributes?.mode == "600")
            try await host.writer().rollBack(try #require(after.rollbackCopy), on: host.name)
            #expect(host.read("/srv/enc/file.yaml") == Self.old)
        }
    }
}
