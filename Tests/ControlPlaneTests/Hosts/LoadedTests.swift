import Reconciliation
import Testing

@testable import ControlPlane

/// Three files that differ in their key.
private let first = TestHost.configuration("a")
private let second = TestHost.configuration("b")
private let third = TestHost.configuration("c")

/// What a host may be found as; times are in ticks, and the present boot is `now`.
private struct Scene {
    var file: String? = second
    var isFlagged = true
    /// What stands in place of the flag where there is none.
    var unflagged: [String] = []
    /// Start and whether it has the flag, oldest first.
    var servers: [(start: UInt64, isFlagged: Bool)] = [(200, true)]
    var reloads = false
    var record: (digestOf: String, ticks: UInt64, boot: String)?
    var copy: Copy?

    struct Copy {
        /// The file of before.
        var file: String?
        /// What had been loaded then, by which process.
        var served: (digestOf: String, start: UInt64, boot: String)?
        var intended: [String] = [second]
    }

    func probe() throws -> HostProbe {
        let flags = TestHost.flags + (reloads ? ["--encryption-provider-config-automatic-reload=true"] : [])
        let manifest = try HostFile.holding(
            isFlagged ? TestHost.encrypted() : TestHost.manifest(), at: TestHost.manifestPath)
        var files = [TestHost.manifestPath: manifest]
        if let file { files[HostProbe.managedPath] = try HostFile.holding(file, at: HostProbe.managedPath) }
        let processes = servers.enumerated().map { index, server in
            APIServerProcess(
                id: index, start: server.start,
                flags: CommandLineFlags(words: flags + (server.isFlagged ? [TestHost.configurationFlag] : unflagged)),
                ports: [6443], isPod: true)
        }
        let pod = try APIServerPod(manifest)
        return HostProbe(
            host: HostName("cp1"), controlPlane: .staticPod(pod), files: files,
            processes: APIServerProcesses(bootID: "now", all: processes),
            record: try record.map { record in
                WriteRecord(
                    path: HostProbe.managedPath, digest: try TestHost.digest(record.digestOf),
                    moment: HostMoment(bootID: record.boot, ticks: record.ticks))
            },
            rollbackCopy: try copy.map { copy in
                RollbackCopy(
                    configurationPath: HostProbe.managedPath, manifestPath: TestHost.manifestPath,
                    configuration: try copy.file.map {
                        try HostFile.holding($0, at: "/var/lib/atrest/rollback/configuration")
                    },
                    manifest: nil,
                    served: try copy.served.map { served in
                        ServedConfiguration(
                            digest: try TestHost.digest(served.digestOf),
                            start: HostMoment(bootID: served.boot, ticks: served.start))
                    }, intended: Set(try copy.intended.map(TestHost.digest)))
            },
            system: HostSystem(kernel: "", distribution: nil, kubelet: nil, freeSpace: [:]))
    }

    static func configuration(_ text: String) throws -> EncryptionConfiguration {
        try EncryptionConfigurationFile(text: text, label: "x").configuration
    }
}

extension HostFile {
    static func holding(_ text: String, at path: String) throws -> HostFile {
        HostFile(
            path: path, link: nil,
            attributes: Attributes(mode: "600", user: 0, group: 0, size: text.utf8.count, kind: .regular),
            content: SecretBytes(text.utf8), digest: try TestHost.digest(text))
    }
}

@Suite("What an API server has loaded") struct LoadedTests {
    @Test("no process => not running")
    func none() throws {
        let probe = try Scene(servers: [], record: (second, 100, "now")).probe()
        #expect(probe.loaded() == .notRunning)
        #expect(probe.lingering == .none)
    }

    @Test("started after the recorded write of the file on disk => disk")
    func afterRecord() throws {
        #expect(try Scene(record: (second, 100, "now")).probe().loaded() == .disk)
    }

    @Test("the record is of another boot => started after it")
    func reboot() throws {
        #expect(try Scene(servers: [(5, true)], record: (second, 100, "before")).probe().loaded() == .disk)
    }

    @Test("started in the tick of the write, or before => not known from the record")
    func sameTick() throws {
        #expect(try Scene(record: (second, 200, "now")).probe().loaded() == .unknown)
        #expect(try Scene(record: (second, 201, "now")).probe().loaded() == .unknown)
    }

    @Test("no record, as on an adopted host => unknown")
    func adopted() throws {
        #expect(try Scene().probe().loaded() == .unknown)
    }

    @Test("somebody changed the file behind the record => unknown")
    func edited() throws {
        #expect(try Scene(record: (first, 100, "now")).probe().loaded() == .unknown)
    }

    @Test(
        "a process without the flag, or with an empty one => unencrypted, on disk too or from before",
        arguments: [[], ["--encryption-provider-config="]])
    func withoutFlag(words: [String]) throws {
        let unflagged = Scene(isFlagged: false, unflagged: words, servers: [(200, false)])
        #expect(try unflagged.probe().loaded() == .disk)
        let dropped = Scene(unflagged: words, servers: [(200, false)], record: (second, 100, "now"))
        #expect(try dropped.probe().loaded() == .before(.unencrypted))
    }

    @Test("the manifest has lost the flag, the process has not => the file that it started with")
    func flagRemoved() throws {
        let probe = try Scene(isFlagged: false, record: (second, 100, "now")).probe()
        #expect(probe.loaded() == .before(try Scene.configuration(second)))
    }

    @Test("the process that served at the last step still runs => what it had, from the copy")
    func beforeStep() throws {
        let scene = Scene(record: (second, 300, "now"), copy: Scene.Copy(file: first, served: (first, 200, "now")))
        #expect(try scene.probe().loaded() == .before(try Scene.configuration(first)))
        #expect(try scene.probe().needsRollbackCopy())
        #expect(
            try scene.probe().observed(health: .ready).openStep == Scene.configuration(first).keys)
    }

    @Test("the write was cut short before its record => the copy says what the process has, not the older record")
    func beforeRecord() throws {
        let scene = Scene(record: (first, 100, "now"), copy: Scene.Copy(file: first, served: (first, 200, "now")))
        #expect(try scene.probe().loaded() == .before(try Scene.configuration(first)))
    }

    @Test("a container restarted by itself between configuration and record => unknown")
    func restartedInBetween() throws {
        let scene = Scene(
            servers: [(250, true)], record: (first, 100, "now"),
            copy: Scene.Copy(file: first, served: (first, 200, "now")))
        #expect(try scene.probe().loaded() == .unknown)
    }

    @Test("nobody knew what the process had when the copy was made => unknown")
    func unprovenCopy() throws {
        #expect(try Scene(record: (second, 300, "now"), copy: Scene.Copy(file: first)).probe().loaded() == .unknown)
    }

    @Test("the copy's process is of another boot => says nothing")
    func copyOfOtherBoot() throws {
        let scene = Scene(record: (second, 300, "now"), copy: Scene.Copy(file: first, served: (first, 200, "before")))
        #expect(try scene.probe().loaded() == .unknown)
    }

    @Test("the copy has the file that is on disk => disk, and only the copy says so")
    func rolledBack() throws {
        let probe = try Scene(
            file: first, record: (first, 300, "now"), copy: Scene.Copy(file: first, served: (first, 200, "now"))
        ).probe()
        #expect(probe.loaded() == .disk)
        #expect(probe.needsRollbackCopy())
        #expect(probe.observed(health: .ready).openStep == nil)
    }

    @Test("proven by the record => the copy is not needed any more")
    func obsoleteCopy() throws {
        let probe = try Scene(
            servers: [(400, true)], record: (second, 300, "now"),
            copy: Scene.Copy(file: first, served: (first, 200, "now"))
        )
        .probe()
        #expect(probe.loaded() == .disk)
        #expect(!probe.needsRollbackCopy())
        #expect(probe.observed(health: .ready).openStep == nil)
        #expect(probe.rollbackChoice(health: .ready) == .fresh)
    }

    @Test("automatic reload and no metric => what an older process has is unknown")
    func reload() throws {
        let scene = Scene(
            reloads: true, record: (second, 300, "now"), copy: Scene.Copy(file: first, served: (first, 200, "now")))
        #expect(try scene.probe().loaded() == .unknown)
        #expect(try Scene(reloads: true, record: (second, 100, "now")).probe().loaded() == .disk)
    }

    @Test("the metric => decides over everything else")
    func metric() throws {
        let scene = Scene(record: (second, 300, "now"), copy: Scene.Copy(file: first, served: (first, 200, "now")))
        #expect(try scene.probe().loaded(metric: try TestHost.digest(second)) == .disk)
        #expect(try scene.probe().loaded(metric: try TestHost.digest(first)) == .before(try Scene.configuration(first)))
        #expect(try scene.probe().loaded(metric: try TestHost.digest(third)) == .unknown)
    }

    @Test("an older process that served before the step => holds what the copy says; else unknown")
    func lingering() throws {
        let known = Scene(
            servers: [(200, true), (400, true)], record: (second, 300, "now"),
            copy: Scene.Copy(file: first, served: (first, 200, "now")))
        #expect(try known.probe().loaded() == .disk)
        #expect(try known.probe().lingering == .holding(try Scene.configuration(first)))
        #expect(
            try Scene(servers: [(200, true), (400, true)], record: (second, 300, "now")).probe().lingering == .unknown)
        let plain = Scene(servers: [(200, false), (400, true)], record: (second, 300, "now"))
        #expect(try plain.probe().lingering == .holding(.unencrypted))
        let two = Scene(servers: [(150, false), (160, true), (400, true)], record: (second, 300, "now"))
        #expect(try two.probe().lingering == .unknown)
    }

    @Test(
        "a step that was cut short => its copy is kept until a ready server has what is on disk, or somebody else wrote it"
    )
    func choice() throws {
        let broken = "kind: EncryptionConfiguration\n"
        let old = Scene.Copy(file: first, served: (first, 200, "now"), intended: [second, broken])
        let restarted = Scene(servers: [(400, true)], record: (second, 300, "now"), copy: old)
        #expect(try restarted.probe().rollbackChoice(health: .ready) == .fresh)
        #expect(try restarted.probe().rollbackChoice(health: .repairable(failing: ["informer-sync"])) == .keep)
        // Listens, reads its configuration and dies, again and again.
        let crashing = Scene(file: broken, servers: [(400, true)], record: (broken, 300, "now"), copy: old)
        #expect(try crashing.probe().rollbackChoice(health: .ready) == .keep)
        #expect(try Scene(record: (second, 300, "now"), copy: old).probe().rollbackChoice(health: .ready) == .keep)
        #expect(try Scene(file: third, copy: old).probe().rollbackChoice(health: .ready) == .fresh)
        #expect(try Scene(servers: [(250, true)]).probe().rollbackChoice(health: .ready) == .fresh)
    }
}
