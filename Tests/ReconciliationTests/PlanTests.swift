import Reconciliation
import Testing

@Suite struct PlanTests {
    static let old = Key.local(provider: .aescbc, name: "atrest-20260101T000000-aaaa", fingerprint: .init("01"))
    static let fresh = Key.local(provider: .aescbc, name: "atrest-20260202T000000-bbbb", fingerprint: .init("02"))

    static func configuration(_ keys: Key...) -> EncryptionConfiguration {
        EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: keys)])
    }

    static func cluster(
        _ host: (HostName) -> ObservedHost, stored: StoredForm, recorded: KubeadmRecord
    ) -> ObservedCluster {
        ObservedCluster(
            hosts: ["cp1", "cp2", "cp3"].map { host(HostName($0)) },
            stored: [.secrets: StoredObjects(count: 10, forms: [stored])], kubeadm: recorded)
    }

    static let unencrypted = cluster(
        { ObservedHost(name: $0, file: .absent, isFlagged: false, loaded: .disk) }, stored: .plaintext,
        recorded: .absent)

    static let encrypted = cluster(
        {
            ObservedHost(
                name: $0, file: .present(configuration(old, .identity), digest: "d"), isFlagged: true, loaded: .unknown)
        }, stored: old.storedForm, recorded: .present)

    @Test("right behind another run => nothing but waits; with anything else to do => a plan")
    func onlyWaits() throws {
        var observed = Self.encrypted
        for index in observed.hosts.indices { observed.hosts[index].loaded = .disk }
        #expect(try !Plan(from: observed, to: .managed(rotate: false), freshKey: Self.fresh).onlyWaits)
        observed.hosts[2].lingering = .unknown
        #expect(try Plan(from: observed, to: .managed(rotate: false), freshKey: Self.fresh).onlyWaits)
        #expect(try !Plan(from: observed, to: .managed(rotate: true), freshKey: Self.fresh).onlyWaits)
    }

    func describe(_ plan: Plan) -> [String] {
        plan.items.map { item in
            switch item.step {
            case .configure(let host, let target, let round):
                let keys = target.configuration.keyRing(for: .secrets).keys.map { key in
                    switch key {
                    case Self.old: "old"
                    case Self.fresh: "new"
                    default: "identity"
                    }
                }
                return "\(round.rawValue) \(host) \(target == .removed ? "removed" : keys.joined(separator: ","))"
            case .stage(let host, _): return "stage \(host)"
            case .settle: return "settle"
            case .tidy: return "tidy"
            case .purgeHistory(let member): return "purge \(member)"
            case .recordInKubeadm: return "record"
            case .removeFromKubeadm: return "unrecord"
            case .rewrite(let rewrites): return "rewrite \(rewrites.map(\.resource.text).joined(separator: ","))"
            }
        }
    }

    @Test("history is to be purged => last of all, behind the rewrite; a host that is not well => refused")
    func purge() throws {
        var observed = Self.unencrypted
        observed.toPurge = ["cp1", "cp2"].map { EtcdMember(name: $0, bytes: 1, used: 1, host: HostName($0)) }
        let plan = try Plan(from: observed, to: .managed(rotate: false), freshKey: Self.fresh)
        let steps = describe(plan)
        #expect(steps.suffix(2) == ["purge cp1", "purge cp2"] && steps.contains("rewrite secrets"), "\(steps)")

        observed = Self.unencrypted
        observed.toPurge = [EtcdMember(name: "cp1", bytes: 1, used: 1, host: nil)]
        #expect(describe(try Plan(from: observed, to: .disabled, freshKey: Self.fresh)) == ["purge cp1"])
        observed.hosts[1].health = .unhealthy(failing: ["etcd"])
        #expect(throws: Refusal.unhealthy(observed.hosts[1].name, failing: ["etcd"])) {
            try Plan(from: observed, to: .disabled, freshKey: Self.fresh)
        }
    }

    @Test("an unencrypted cluster, enable => read first, then write, then rewrite")
    func enable() throws {
        let plan = try Plan(from: Self.unencrypted, to: .managed(rotate: false), freshKey: Self.fresh)
        #expect(
            describe(plan) == [
                "1 cp1 identity,new", "1 cp2 identity,new", "1 cp3 identity,new", "record",
                "settle", "2 cp1 new,identity", "2 cp2 new,identity", "2 cp3 new,identity", "rewrite secrets", "settle",
            ])
    }

    @Test("an encrypted cluster, rotate => old key read until nothing needs it")
    func rotate() throws {
        let plan = try Plan(from: Self.encrypted, to: .managed(rotate: true), freshKey: Self.fresh)
        #expect(
            describe(plan) == [
                "1 cp1 old,new,identity", "1 cp2 old,new,identity", "1 cp3 old,new,identity",
                "2 cp1 new,old,identity", "2 cp2 new,old,identity", "2 cp3 new,old,identity", "rewrite secrets",
                "settle",
                "4 cp1 new,identity", "4 cp2 new,identity", "4 cp3 new,identity",
            ])
    }

    @Test("an encrypted cluster, disable => plain text first, the flag removed last")
    func disable() throws {
        let plan = try Plan(from: Self.encrypted, to: .disabled, freshKey: Self.fresh)
        #expect(
            describe(plan) == [
                "1 cp1 old,identity", "1 cp2 old,identity", "1 cp3 old,identity",
                "2 cp1 identity,old", "2 cp2 identity,old", "2 cp3 identity,old", "rewrite secrets",
                "settle", "unrecord", "4 cp1 removed", "4 cp2 removed", "4 cp3 removed",
            ])
    }

    @Test("nothing to change => an empty plan", arguments: [(encrypted, true), (unencrypted, false)])
    func noop(cluster: ObservedCluster, isEnabled: Bool) throws {
        let desired: DesiredEncryption = isEnabled ? .managed(rotate: false) : .disabled
        #expect(try Plan(from: cluster, to: desired, freshKey: Self.fresh).isEmpty)
    }

    @Test("killed before the rewrite => the hosts look finished, etcd says that they are not")
    func killedBeforeRewrite() throws {
        var cluster = Self.encrypted
        cluster.stored[.secrets]?.forms = [.plaintext]
        let plan = try Plan(from: cluster, to: .managed(rotate: false), freshKey: Self.fresh)
        #expect(describe(plan).last == "rewrite secrets")
    }
}
