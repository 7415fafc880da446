import Reconciliation
import Testing

/// Two resources, every order of wishes, and death behind every step: what the model check has for one resource and any fault.
@Suite struct CustomTests {
    static let configmaps = ResourceName("configmaps")

    static func key(_ name: String, _ provider: LocalProvider = .aescbc) -> Key {
        .local(provider: provider, name: name, fingerprint: Fingerprint(name))
    }

    static let fresh = key("atrest-20260202T000000-bbbb")

    static func custom(_ digest: String, secrets: [Key], configmaps: [Key]) -> DesiredEncryption {
        let entries = [
            EncryptionConfiguration.Entry(resources: [.secrets], keys: secrets),
            EncryptionConfiguration.Entry(resources: [Self.configmaps], keys: configmaps),
        ].filter { !$0.keys.isEmpty }
        return .custom(CustomConfiguration(configuration: EncryptionConfiguration(entries: entries), digest: digest))
    }

    static let wishes: [DesiredEncryption] = [
        .disabled, .managed(rotate: false),
        custom("a", secrets: [key("s"), .identity], configmaps: [key("c"), .identity]),
        custom("b", secrets: [key("t", .secretbox)], configmaps: []),
        custom("c", secrets: [.identity, key("s")], configmaps: [key("s"), key("c")]),
        custom("d", secrets: [kms, .identity], configmaps: [.identity, kms]),
    ]

    static let kms = Key.kms(version: .v2, name: "kms", endpoint: "unix:///run/kms/socket.sock")

    private static func unencrypted(hosts: Int) -> ObservedCluster {
        .unencrypted(hosts: hosts, holding: [.secrets, configmaps])
    }

    /// No file has the KMS v2 in two entries; the operator's own text is checked where it is read.
    private static var search: WishSearch {
        WishSearch(wishes: wishes) { host in
            guard case .present(let file, "") = host.file else { return nil }
            return file.entries.count(where: { $0.keys.contains(kms) }) > 1 ? "\(kms) stands twice" : nil
        }
    }

    @Test("other wishes behind any step of a run => readable all along", arguments: [(1, 2), (2, 1), (3, 1)])
    func everyOrder(hosts: Int, changes: Int) {
        let outcome = Self.search.outcome(from: Self.unencrypted(hosts: hosts), changes: changes)
        print("two resources: \(hosts) hosts, \(changes) changes of mind: \(outcome.states) states")
        #expect(outcome.problem == nil && outcome.refusals.isEmpty, "\(outcome)")
    }

    @Test("a run that does not look at the second resource => found out")
    func bites() {
        var search = Self.search
        search.decider = { cluster, wish in
            var blind = cluster
            blind.stored[Self.configmaps] = StoredObjects(count: 0, forms: [])
            return decide(blind, wish, freshKey: Self.fresh)
        }
        let outcome = search.outcome(from: Self.unencrypted(hosts: 2), changes: 1)
        #expect(outcome.problem != nil)
    }

    @Test("any wish from any other => its end holds the wish", arguments: wishes, wishes)
    func ends(first: DesiredEncryption, second: DesiredEncryption) throws {
        var cluster = Self.unencrypted(hosts: 3)
        for wish in [first, second] {
            let plan = try Plan(from: cluster, to: wish, freshKey: Self.fresh)
            for item in plan.items { cluster.succeed(in: item.step, for: wish) }
            #expect(try Plan(from: cluster, to: wish, freshKey: Self.fresh).isEmpty)
        }
        for host in cluster.hosts {
            guard case .custom(let custom) = second else {
                #expect(host.place == .managed)
                continue
            }
            #expect(host.file == .present(custom.configuration, digest: custom.digest) && host.place == .custom)
        }
    }

    @Test("a wish without a key that is stored and on no disk => refused, and the key named")
    func keyMissing() {
        var cluster = Self.unencrypted(hosts: 2)
        cluster.stored[Self.configmaps]?.forms = [Self.key("gone").storedForm]
        let refusal = Refusal.keyMissing(Self.key("gone").storedForm, resource: Self.configmaps, unknown: [])
        #expect(decide(cluster, Self.wishes[2], freshKey: Self.fresh) == .refuse(refusal))
    }
}
