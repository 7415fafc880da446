import Reconciliation
import Testing

@Suite struct DecideTests {
    static let january = ours("20260101T000000-aaaa", "01")
    static let february = ours("20260202T000000-bbbb", "02")
    static let fresh = ours("20260303T000000-cccc", "03")
    static let adopted = Key.local(provider: .aescbc, name: "kubeone-x7k2p9", fingerprint: .init("04"))
    static let handmade = Key.local(provider: .secretbox, name: "key1", fingerprint: .init("05"))
    static let kms = Key.kms(version: .v2, name: "vault", endpoint: "unix:///run/kms/socket.sock")

    static func ours(_ time: String, _ fingerprint: String) -> Key {
        .local(provider: .aescbc, name: "atrest-" + time, fingerprint: Fingerprint(fingerprint))
    }

    static func configuration(_ keys: [Key]) -> EncryptionConfiguration {
        EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: keys)])
    }

    /// A host that has these keys on its disk; none for one without flag and file.
    static func host(_ name: String, _ keys: Key..., loaded: LoadedConfiguration = .disk) -> ObservedHost {
        ObservedHost(
            name: HostName(name), file: keys.isEmpty ? .absent : .present(configuration(keys), digest: ""),
            isFlagged: !keys.isEmpty, loaded: loaded)
    }

    static func cluster(_ hosts: [ObservedHost], stored: Key...) -> ObservedCluster {
        ObservedCluster(
            hosts: hosts, stored: [.secrets: StoredObjects(count: stored.count, forms: Set(stored.map(\.storedForm)))],
            kubeadm: .present)
    }

    static func decide(_ observed: ObservedCluster, _ desired: DesiredEncryption) -> Decision {
        Reconciliation.decide(observed, desired.resolved(by: observed), freshKey: fresh)
    }

    /// The write key that every host ends with.
    static func wanted(_ observed: ObservedCluster, _ desired: DesiredEncryption) throws -> Key? {
        let plan = try Plan(from: observed, to: desired, freshKey: fresh)
        for item in plan.items.reversed() {
            if case .configure(_, let target, _) = item.step {
                return target.configuration.keyRing(for: .secrets).writeKey
            }
        }
        return nil
    }
}

// Refusals
extension DecideTests {
    @Test("etcd holds what no disk has the key for => refused, and the key is named")
    func keyMissing() throws {
        let observed = Self.cluster([Self.host("cp1", Self.january, .identity)], stored: Self.february)
        let decision = Self.decide(observed, .managed(rotate: false))
        #expect(decision == .refuse(.keyMissing(Self.february.storedForm, resource: .secrets, unknown: [])))
        guard case .refuse(let refusal) = decision else { return }
        #expect("\(refusal)".contains("aescbc:atrest-20260202T000000-bbbb"))
    }

    @Test("a snapshot from before a rotation, its key in the archive => read everywhere, rewritten, dropped again")
    func archivedKey() throws {
        var observed = Self.cluster(
            [Self.host("cp1", Self.february, .identity), Self.host("cp2", Self.february, .identity)],
            stored: Self.january, Self.february)
        let unused = Self.ours("20250101T000000-dddd", "08")
        observed.archivedKeys = [Self.january: "/k/a", unused: "/k/b"]
        let plan = try Plan(from: observed, to: .managed(rotate: false), freshKey: Self.fresh)
        let keys = plan.items.compactMap { item -> Set<Key>? in
            guard case .configure(_, let target, _) = item.step else { return nil }
            return target.configuration.keys
        }
        let reading: Set = [Self.january, Self.february, .identity]
        #expect(keys == [reading, reading, [Self.february, .identity], [Self.february, .identity]])
        #expect(
            plan.items.map(\.step).contains(.rewrite([.init(resource: .secrets, key: Self.february)])))
    }

    @Test("a snapshot from before a disable, its key in the archive => read everywhere, written as plain text, removed")
    func archivedKeyForPlaintext() throws {
        var observed = Self.cluster([Self.host("cp1")], stored: Self.january)
        observed.kubeadm = .absent
        observed.archivedKeys = [Self.january: "/k/a"]
        let plan = try Plan(from: observed, to: .disabled, freshKey: Self.fresh)
        let targets = plan.items.compactMap { item -> Target? in
            if case .configure(_, let target, _) = item.step { target } else { nil }
        }
        #expect(targets == [.configuration(Self.configuration([.identity, Self.january])), .removed])
    }

    @Test("two archived keys of the needed name => refused; a host's own key of that name goes before the archive's")
    func ambiguousArchive() throws {
        let other = Self.ours("20260101T000000-aaaa", "99")
        var observed = Self.cluster([Self.host("cp1", Self.february, .identity)], stored: Self.january)
        observed.archivedKeys = [Self.january: "/k/b", other: "/k/a"]
        #expect(
            Self.decide(observed, .managed(rotate: false))
                == .refuse(.ambiguousArchive(Self.january.storedForm, files: ["/k/a", "/k/b"])))
        let own = Self.cluster([Self.host("cp1", Self.january, .identity)], stored: Self.january)
        var archived = own
        archived.archivedKeys = [other: "/k/a"]
        #expect(Self.decide(archived, .managed(rotate: false)) == Self.decide(own, .managed(rotate: false)))
    }

    @Test("a key is on no disk, and one API server's memory is unknown => its host is named: do not restart it")
    func keyMissingButPerhapsInMemory() throws {
        let observed = Self.cluster(
            [
                Self.host("cp1", Self.january, .identity),
                Self.host("cp2", Self.january, .identity, loaded: .unknown),
            ], stored: Self.february)
        guard case .refuse(let refusal) = Self.decide(observed, .disabled) else {
            Issue.record("not refused")
            return
        }
        #expect("\(refusal)".contains("cp2 may hold it in memory: do not restart it"))
        #expect(!"\(refusal)".contains("cp1"))
    }

    @Test("one name for two secrets => refused, and the hosts are named")
    func ambiguousName() {
        let other = Self.ours("20260101T000000-aaaa", "99")
        let observed = Self.cluster(
            [Self.host("cp1", Self.january, .identity), Self.host("cp2", other, .identity), Self.host("cp3")],
            stored: Self.january)
        let hosts = [HostName("cp1"), HostName("cp2")]
        #expect(
            Self.decide(observed, .managed(rotate: false))
                == .refuse(.ambiguousName("atrest-20260101T000000-aaaa", hosts: hosts)))
    }

    @Test("one KMS name at two endpoints => refused")
    func ambiguousKMS() {
        let other = Key.kms(version: .v2, name: "vault", endpoint: "unix:///run/kms/other.sock")
        let observed = Self.cluster(
            [Self.host("cp1", Self.kms, .identity), Self.host("cp2", other, .identity)], stored: Self.kms)
        #expect(
            Self.decide(observed, .disabled)
                == .refuse(.ambiguousKMS("vault", [other, Self.kms], hosts: [HostName("cp1"), HostName("cp2")])))
    }

    @Test("a host is unhealthy for another reason than its configuration => refused, and the host is named")
    func unhealthy() {
        var observed = Self.cluster([Self.host("cp1"), Self.host("cp2")], stored: .identity)
        observed.hosts[1].health = .unhealthy(failing: ["etcd"])
        #expect(
            Self.decide(observed, .managed(rotate: false)) == .refuse(.unhealthy(HostName("cp2"), failing: ["etcd"])))
    }

    @Test("etcd could not store the objects once more => refused before anything; where nothing is rewritten => fine")
    func noRoom() {
        let hosts = [Self.host("cp1", Self.january, .identity)]
        var observed = Self.cluster(hosts, stored: Self.january)
        let tight = StorageRoom(size: 1_800_000_000, used: 1_500_000_000, quota: 2_000_000_000, bytesPerObject: 5000)
        observed.stored[.secrets]?.count = 100_000
        observed.room = tight
        #expect(Self.decide(observed, .managed(rotate: false)) == .done)
        let refusal = Refusal.noRoom(tight, objects: 100_000)
        #expect(Self.decide(observed, .managed(rotate: true)) == .refuse(refusal))
        #expect(Self.decide(observed, .disabled) == .refuse(refusal))
        #expect("\(refusal)".contains("1800 MB of a quota of 2000 MB, and about 500 MB would be added"))

        observed.stored[.secrets]?.count = 60_000
        guard case .perform = Self.decide(observed, .managed(rotate: true)) else {
            Issue.record("300 MB more fit into the free pages and below the margin")
            return
        }
    }

    @Test("etcd has stopped taking writes => refused, with what frees it")
    func exhausted() {
        var observed = Self.cluster([Self.host("cp1")], stored: .identity)
        observed.room = StorageRoom(size: 1, used: 1, quota: 1000, bytesPerObject: 0, isExhausted: true)
        guard case .refuse(let refusal) = Self.decide(observed, .managed(rotate: false)) else {
            Issue.record("not refused")
            return
        }
        #expect("\(refusal)".contains("NOSPACE"))
    }

    @Test("rotate where nothing is encrypted => refused")
    func nothingToRotate() {
        let observed = Self.cluster([Self.host("cp1")], stored: .identity)
        #expect(Self.decide(observed, .managed(rotate: true)) == .refuse(.nothingToRotate))
    }
}

// Which key a run ends with
extension DecideTests {
    @Test(
        "an operation was cut short => it is finished, and no other is begun",
        arguments: [false, true])
    func finishesWhatWasBegun(rotate: Bool) throws {
        let staged = Self.cluster(
            [
                Self.host("cp1", Self.january, Self.february, .identity),
                Self.host("cp2", Self.january, .identity),
            ], stored: Self.january)
        let pruned = Self.cluster(
            [Self.host("cp1", Self.february, .identity), Self.host("cp2", Self.february, Self.january, .identity)],
            stored: Self.february)
        for observed in [staged, pruned] {
            #expect(try Self.wanted(observed, .managed(rotate: rotate)) == Self.february)
        }
    }

    @Test("an adopted key and one of ours => ours, in whatever order they stand")
    func prefersOurs() throws {
        let observed = Self.cluster(
            [Self.host("cp1", Self.adopted, Self.january, .identity), Self.host("cp2", Self.adopted, .identity)],
            stored: Self.adopted)
        #expect(try Self.wanted(observed, .managed(rotate: false)) == Self.january)
    }

    @Test("two keys, none of ours => the one that all hosts write with")
    func prefersSharedWriteKey() throws {
        let observed = Self.cluster(
            [
                Self.host("cp1", Self.handmade, Self.adopted, .identity),
                Self.host("cp2", Self.handmade, .identity),
            ], stored: Self.handmade)
        #expect(try Self.wanted(observed, .managed(rotate: false)) == Self.handmade)
    }

    @Test("two keys, none of ours, and hosts that disagree => the first host's")
    func prefersFirstHost() throws {
        let observed = Self.cluster(
            [
                Self.host("cp1", Self.handmade, Self.adopted, .identity),
                Self.host("cp2", Self.adopted, Self.handmade, .identity),
            ], stored: Self.handmade, Self.adopted)
        #expect(try Self.wanted(observed, .managed(rotate: false)) == Self.handmade)
    }

    @Test("a KMS beside a local key => never the KMS")
    func neverKMS() throws {
        let observed = Self.cluster(
            [Self.host("cp1", Self.kms, Self.adopted, .identity), Self.host("cp2", Self.kms, Self.adopted, .identity)],
            stored: Self.kms)
        #expect(try Self.wanted(observed, .managed(rotate: false)) == Self.adopted)
    }

    @Test("nothing but a KMS => a fresh key")
    func freshBesideKMS() throws {
        let observed = Self.cluster([Self.host("cp1", Self.kms, .identity)], stored: Self.kms)
        #expect(try Self.wanted(observed, .managed(rotate: false)) == Self.fresh)
    }

    @Test("one key of other origin, nothing asked for => it is adopted, nothing to do")
    func adoptsKey() {
        let observed = Self.cluster(
            [
                Self.host("cp1", Self.adopted, .identity, loaded: .unknown),
                Self.host("cp2", Self.adopted, .identity, loaded: .unknown),
            ], stored: Self.adopted)
        #expect(Self.decide(observed, .managed(rotate: false)) == .done)
    }

    @Test("one key in a file that was made by hand somewhere => the same key, and each file moves, in one restart")
    func movesFile() throws {
        var observed = Self.cluster(
            [
                Self.host("cp1", Self.handmade, .identity, loaded: .unknown),
                Self.host("cp2", Self.handmade, .identity, loaded: .unknown),
            ], stored: Self.handmade)
        observed.hosts[0].place = .elsewhere
        observed.hosts[1].place = .elsewhere
        let desired = DesiredEncryption.managed(rotate: false).resolved(by: observed)
        let plan = try Plan(from: observed, to: desired, freshKey: Self.fresh)
        let moved = plan.items.compactMap { item -> String? in
            guard case .configure(let host, let target, .readableEverywhere) = item.step, item.reason == .notLoaded
            else { return nil }
            let wished = Self.configuration([Self.handmade, .identity])
            #expect(target == .managed(wished))
            return host.text
        }
        #expect(moved == ["cp1", "cp2"])
        #expect(plan.items.count { if case .configure = $0.step { true } else { false } } == 2)
    }
}

// Order and repair
extension DecideTests {
    /// The host of the next step, and the keys that it gets.
    private func configured(_ decision: Decision) -> (host: String, keys: [Key])? {
        guard case .perform(.configure(let host, let target, _), _) = decision else { return nil }
        return (host.text, target.configuration.keyRing(for: .secrets).keys)
    }

    @Test("a host is down => it is mended before another one restarts")
    func downFirst() throws {
        var observed = Self.cluster(
            [Self.host("cp1", Self.january, .identity), Self.host("cp2", Self.january, .identity)], stored: Self.january
        )
        observed.hosts[1].file = .absent
        observed.hosts[1].loaded = .notRunning
        observed.hosts[1].health = .repairable(failing: ["not running"])
        let next = try #require(configured(Self.decide(observed, .managed(rotate: true))))
        #expect(next.host == "cp2")
        #expect(next.keys == [Self.january, Self.fresh, .identity])
    }

    @Test("a step was cut short on a host => that host first, its kubelet may still act")
    func interruptedFirst() throws {
        let loaded = LoadedConfiguration.before(Self.configuration([Self.january, .identity]))
        let observed = Self.cluster(
            [
                Self.host("cp1", Self.january, .identity),
                Self.host("cp2", Self.january, Self.february, .identity, loaded: loaded),
            ], stored: Self.january)
        let next = try #require(configured(Self.decide(observed, .managed(rotate: true))))
        #expect(next.host == "cp2")
    }

    @Test("a key on a disk that was never loaded => round 1 keeps writing with what is in force")
    func keepsKeyInForce() throws {
        let observed = Self.cluster(
            [
                Self.host("cp1", Self.adopted, .identity, loaded: .before(.unencrypted)),
                Self.host("cp2"),
            ], stored: .identity)
        let next = try #require(configured(Self.decide(observed, .managed(rotate: false))))
        #expect(next.host == "cp1")
        #expect(next.keys == [.identity, Self.adopted])
    }

    @Test("disabled, the flag is gone but its process is not => restarted")
    func unflaggedButLoaded() throws {
        var observed = Self.cluster([Self.host("cp1", loaded: .unknown)], stored: .identity)
        observed.kubeadm = .absent
        let next = try #require(configured(Self.decide(observed, .disabled)))
        #expect(next.keys == [.identity])
    }

    @Test(
        "a host that has not joined has the right file at the other path => it is staged anew, once",
        arguments: [
            (DesiredEncryption.managed(rotate: false), ConfigurationPlace.custom),
            (
                .custom(CustomConfiguration(configuration: configuration([january, .identity]), digest: "own")),
                ConfigurationPlace.managed
            ),
        ])
    func stagesAtTheOtherPath(wish: DesiredEncryption, place: ConfigurationPlace) throws {
        var observed = Self.cluster(
            [Self.host("cp1", Self.january, .identity), Self.host("cp2", Self.january, .identity)],
            stored: Self.january)
        observed.hosts[1].health = .notJoined
        observed.hosts[1].loaded = .notRunning
        observed.hosts[1].isFlagged = false
        observed.hosts[1].place = place
        let staged = Step.stage(HostName("cp2"), .configuration(Self.configuration([Self.january, .identity])))
        #expect(try Plan(from: observed, to: wish, freshKey: Self.fresh).items.count { $0.step == staged } == 1)
    }

    @Test("disabled, a host that has not joined holds a staged file => the file goes")
    func unstages() {
        var observed = Self.cluster([Self.host("cp1"), Self.host("cp2")], stored: .identity)
        observed.kubeadm = .absent
        observed.hosts[1].health = .notJoined
        observed.hosts[1].loaded = .notRunning
        observed.hosts[1].file = .present(Self.configuration([Self.january, .identity]), digest: "")
        #expect(
            Self.decide(observed, .disabled) == .perform(.stage(HostName("cp2"), .removed), because: .differsFromWish))
    }
}
