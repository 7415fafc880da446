import FoundationEssentials
import Reconciliation
import Testing

@testable import ControlPlane

@Suite("The way back from a step that was cut short") struct WayBackTests {
    enum Kind {
        case enable, rotate, disable
    }

    /// Begins a step on a host, as a run does.
    static func begin(_ kind: Kind, on host: TestHost) async throws {
        if kind == .enable { try host.joinControlPlane() } else { try host.encrypt(with: HostWriterTests.old) }
        let probe = try await host.probe()
        let manifest = try #require(probe.pod?.manifest)
        let text =
            try kind == .disable
            ? manifest.unpatched()
            : manifest.patched(
                encryptionConfigurationPath: HostProbe.managedPath, digest: TestHost.digest(HostWriterTests.new),
                kmsSockets: [], restart: nil)
        let step = HostWriterTests.step(kind == .disable ? nil : HostWriterTests.new, manifest: text)
        try await host.writer().install(step, on: probe)
    }

    /// The way back of a host that a step left without an API server, and that `change` changed before it is looked at.
    static func wayBack(
        from kind: Kind, _ change: (TestHost) async throws -> Void = { _ in }
    ) async throws -> WayBack? {
        try await TestHost.running { host in
            try host.addServer(50, start: 1, flags: [], listening: [], name: "kubelet", cgroup: TestHost.kubeletCgroup)
            try await begin(kind, on: host)
            try host.removeProcess(100)
            try await change(host)
            return try await host.probe().wayBack
        }
    }

    private static func remove(_ path: String, on host: TestHost) throws {
        try FileManager.default.removeItem(atPath: host.path(path))
    }

    @Test(
        "the copy is there, and what is on disk is the step's => the copy", arguments: [Kind.enable, .rotate, .disable])
    func copy(kind: Kind) async throws {
        #expect(try await Self.wayBack(from: kind) == .copy)
    }

    @Test("the copy reads what was there before the step")
    func saved() async throws {
        let old = try EncryptionConfigurationFile(text: HostWriterTests.old, label: "").configuration
        for (kind, expected) in [(Kind.enable, EncryptionConfiguration.unencrypted), (.rotate, old), (.disable, old)] {
            try await TestHost.running { host in
                try await Self.begin(kind, on: host)
                #expect(try await host.probe().savedConfiguration == expected)
            }
        }
    }

    @Test("the step writes with a key that the copy does not read => named; one that it only reads => no matter")
    func unknownKey() async throws {
        for (text, name) in [(TestHost.configuration("b"), "key-b"), (TestHost.configuration("b", writes: false), nil)]
        {
            try await TestHost.running { host in
                try host.joinControlPlane()
                let step = HostWriterTests.step(text, manifest: TestHost.encrypted())
                try await host.writer().install(step, on: try await host.probe())
                #expect(try await host.probe().keyUnknownToCopy?.name == name)
            }
        }
    }

    @Test("a file of the copy is gone => it is named", arguments: ["facts", "manifest", "configuration"])
    func incomplete(file: String) async throws {
        let path = "/var/lib/atrest/rollback/\(file)"
        let way = try await Self.wayBack(from: .rotate) { try Self.remove(path, on: $0) }
        guard case .byHand(let advice)? = way else {
            Issue.record("\(String(describing: way))")
            return
        }
        #expect(advice.contains("\"\(path)\""))
    }

    @Test(
        "what is on disk was changed by somebody else since => it is named, and not replaced",
        arguments: [
            (HostProbe.managedPath, TestHost.configuration("c")),
            (TestHost.manifestPath, TestHost.encrypted(note: "mended")),
        ])
    func changed(path: String, text: String) async throws {
        let way = try await Self.wayBack(from: .rotate) { try $0.write(path, text) }
        guard case .byHand(let advice)? = way else {
            Issue.record("\(String(describing: way))")
            return
        }
        #expect(advice.contains("\"\(path)\" was changed by somebody else"))
    }

    @Test("nothing was written yet, or no kubelet runs => no copy helps")
    func useless() async throws {
        let unwritten = try await Self.wayBack(from: .enable) { host in
            try Self.remove(HostProbe.managedPath, on: host)
            try host.write(TestHost.manifestPath, TestHost.manifest(), mode: 0o640)
        }
        let deaf = try await Self.wayBack(from: .enable) { try $0.removeProcess(50) }
        for (way, word) in [(unwritten, "what they were before"), (deaf, "kubelet")] {
            guard case .byHand(let advice)? = way else {
                Issue.record("\(String(describing: way))")
                return
            }
            #expect(advice.contains(word))
        }
    }

    @Test("no step was cut short => only a file that no API server could load is the cause")
    func noCopy() async throws {
        try await TestHost.running { host in
            try host.encrypt(with: HostWriterTests.old)
            #expect(try await host.probe().wayBack == nil)
            try host.write(HostProbe.managedPath, "garbage")
            guard case .byHand(let broken)? = try await host.probe().wayBack else {
                Issue.record("a broken file is a cause")
                return
            }
            #expect(broken.contains(HostProbe.managedPath))
            try Self.remove(HostProbe.managedPath, on: host)
            guard case .byHand(let missing)? = try await host.probe().wayBack else {
                Issue.record("a missing file is a cause")
                return
            }
            #expect(missing.contains("\"\(HostProbe.managedPath)\"") && missing.contains("missing"))
        }
    }
}
