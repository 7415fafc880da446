import Reconciliation
import Testing

@Suite struct InterruptionTests {
    static let old = DecideTests.january
    static let new = DecideTests.february
    static let plain = Key.identity

    static func cluster(_ rings: [[Key]], stored: [Key]) -> ObservedCluster {
        var cluster = DecideTests.cluster(
            zip(["cp1", "cp2", "cp3"], rings).map { name, ring in
                ObservedHost(
                    name: HostName(name),
                    file: ring.isEmpty ? .absent : .present(DecideTests.configuration(ring), digest: ""),
                    isFlagged: !ring.isEmpty, loaded: .disk)
            }, stored: plain)
        cluster.stored[.secrets] = StoredObjects(count: stored.count, forms: Set(stored.map(\.storedForm)))
        return cluster
    }

    @Test(
        "files and etcd => which operation was cut short",
        arguments: [
            // Nothing was.
            ([[], [], []], [plain], nil),
            ([[old, plain], [old, plain], [old, plain]], [old], nil),
            ([[old], [old], [old]], [], nil),
            // Enable: read first, then write, then rewrite.
            ([[plain, old], [], []], [plain], .enable),
            ([[plain, old], [plain, old], []], [], .enable),
            ([[old, plain], [plain, old], [plain, old]], [plain], .enable),
            ([[old, plain], [], []], [plain], .enable),
            ([[old, plain], [old, plain], [old, plain]], [plain, old], .enable),
            // Disable: the same backwards.
            ([[plain, old], [old, plain], [old, plain]], [old], .disable),
            ([[plain, old], [plain, old], [plain, old]], [old], .disable),
            ([[], [], [plain, old]], [plain], .disable),
            // Either of them.
            ([[plain, old], [plain, old], [plain, old]], [plain], .unknown),
            ([[plain, old], [old, plain], [old, plain]], [plain, old], .unknown),
            ([[plain, old], [plain, old], [plain, old]], [plain, old], .unknown),
            // Rotation.
            ([[old, new, plain], [old, plain], [old, plain]], [old], .rotation),
            ([[new, plain], [new, old, plain], [new, old, plain]], [new], .rotation),
            ([[new, plain], [new, plain], [old, plain]], [new], .differentKeys),
        ] as [([[Key]], [Key], Interruption?)])
    func operations(rings: [[Key]], stored: [Key], interruption: Interruption?) {
        #expect(Self.cluster(rings, stored: stored).interruption == interruption)
    }

    @Test("a host that lost its flag or its file => no operation was cut short, and the host's finding says it")
    func drift() {
        var observed = Self.cluster([[Self.old, .identity], [Self.old, .identity]], stored: [Self.old, .identity])
        observed.hosts[1].isFlagged = false
        #expect(observed.interruption == nil)
        #expect(observed.findings(on: observed.hosts[0]) == [])
        #expect(observed.findings(on: observed.hosts[1]) == [.flagMissing])
        observed.hosts[1].isFlagged = true
        observed.hosts[1].file = .absent
        observed.hosts[1].health = .repairable(failing: ["kube-apiserver does not run"])
        #expect(observed.interruption == nil)
        #expect(
            observed.findings(on: observed.hosts[1]) == [.fileMissing, .failing(["kube-apiserver does not run"])])
    }

    @Test("a file that cannot be loaded, drift, a change not loaded => findings, in this order")
    func findings() {
        var observed = Self.cluster([[Self.old, .identity]], stored: [Self.old])
        observed.hosts[0].file = .unusable(reason: "file:3:1: no entry")
        observed.hosts[0].loaded = .before(.unencrypted)
        observed.hosts[0].drift = ["mode 644 instead of 600"]
        #expect(
            observed.findings(on: observed.hosts[0]) == [
                .fileUnusable(reason: "file:3:1: no entry"), .notLoaded, .drift("mode 644 instead of 600"),
            ])
    }

    @Test("the very last step of a rotation was cut short => it is finished, and no other is begun")
    func lastStep() throws {
        var observed = Self.cluster([[Self.new, .identity], [Self.new, .identity]], stored: [Self.new])
        observed.hosts[1].loaded = .before(DecideTests.configuration([Self.new, Self.old, .identity]))
        observed.hosts[1].openStep = [Self.new, Self.old, .identity]
        #expect(observed.interruption == .rotation)
        observed.hosts[1].loaded = .notRunning
        observed.hosts[1].health = .repairable(failing: ["kube-apiserver does not run"])
        #expect(observed.interruption == .rotation)
        let keys = try Plan(from: observed, to: .managed(rotate: true), freshKey: DecideTests.fresh).items
            .compactMap { item -> Target? in
                if case .configure(_, let target, _) = item.step { target } else { nil }
            }
        #expect(!keys.isEmpty)
        #expect(!keys.contains { $0.configuration.keys.contains(DecideTests.fresh) })
    }

    @Test("a step was cut short before it wrote another key => nothing of a rotation is left, one is begun")
    func firstStep() throws {
        var observed = Self.cluster([[Self.old, .identity], [Self.old, .identity]], stored: [Self.old])
        observed.hosts[0].loaded = .unknown
        observed.hosts[0].drift = ["a step was cut short"]
        observed.hosts[0].openStep = [Self.old, .identity]
        #expect(observed.interruption == .unknown)
        let plan = try Plan(from: observed, to: .managed(rotate: true), freshKey: DecideTests.fresh)
        #expect(plan.items.contains { $0.reason == .writesWith(Self.old) })
    }

    @Test("nothing is encrypted, a step was cut short => rotating is refused as on any such cluster")
    func nothingToRotate() {
        var observed = Self.cluster([[], []], stored: [.identity])
        observed.hosts[0].openStep = []
        #expect(observed.interruption == .unknown)
        #expect(DecideTests.decide(observed, .managed(rotate: true)) == .refuse(.nothingToRotate))
    }
}
