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

    /// Hosts as if every process from before had ended, so that no state is only that of a wait.
    private static func unencrypted(hosts: Int) -> ObservedCluster {
        ObservedCluster(
            hosts: (1...hosts).map {
                ObservedHost(name: HostName("cp\($0)"), file: .absent, isFlagged: false, loaded: .disk)
            },
            stored: [
                .secrets: StoredObjects(count: 9, forms: [.plaintext]),
                configmaps: StoredObjects(count: 9, forms: [.plaintext]),
            ], kubeadm: .absent)
    }

    /// What clients may write meanwhile: through any process, old or new.
    private static func written(_ cluster: ObservedCluster) -> ObservedCluster {
        var cluster = cluster
        for host in cluster.hosts {
            var configurations = [host.inForce].compactMap(\.self)
            if case .holding(let old) = host.lingering { configurations.append(old) }
            for configuration in configurations {
                for resource in cluster.stored.keys {
                    cluster.stored[resource]?.forms.insert(configuration.keyRing(for: resource).writeKey.storedForm)
                }
            }
        }
        return cluster
    }

    /// I1 and I2: every process reads everything that is stored; and no file has the KMS v2 in two entries.
    private static func unreadable(_ cluster: ObservedCluster) -> String? {
        for host in cluster.hosts {
            if let file = host.file.configuration, host.file.isRendered,
                file.entries.count(where: { $0.keys.contains(kms) }) > 1
            {
                return "\(host.name) cannot load \(file)"
            }
            var configurations = [host.inForce].compactMap(\.self)
            if case .holding(let old) = host.lingering { configurations.append(old) }
            for configuration in configurations {
                for (resource, objects) in cluster.stored {
                    let readable = Set(configuration.keyRing(for: resource).keys.map(\.storedForm))
                    if let form = objects.forms.subtracting(readable).min() {
                        return "\(host.name) cannot read \(resource) stored as \(form)"
                    }
                }
            }
        }
        return nil
    }

    private struct Moment: Hashable {
        var cluster: ObservedCluster
        let wish: DesiredEncryption
        /// How often the operator may still want something else.
        let changes: Int
    }

    @Test("other wishes behind any step of a run => readable all along", arguments: [(1, 2), (2, 1), (3, 1)])
    func everyOrder(hosts: Int, changes: Int) {
        let outcome = explore(hosts: hosts, changes: changes) { $0 }
        print("two resources: \(hosts) hosts, \(changes) changes of mind: \(outcome.states) states")
        #expect(outcome.problem == nil && outcome.refusals.isEmpty, "\(outcome)")
    }

    @Test("a run that does not look at the second resource => found out")
    func bites() {
        let outcome = explore(hosts: 2, changes: 1) { cluster in
            var blind = cluster
            blind.stored[Self.configmaps] = StoredObjects(count: 0, forms: [])
            return blind
        }
        #expect(outcome.problem != nil)
    }

    private struct Outcome {
        var problem: String?
        var refusals: Set<Refusal> = []
        var states = 0
    }

    /// Every run of `decide` as far as it sees the cluster, with the operator's mind changed behind any step.
    private func explore(
        hosts: Int, changes: Int, asSeen view: (ObservedCluster) -> ObservedCluster
    ) -> Outcome {
        var seen: Set<Moment> = []
        var open = Self.wishes.map { Moment(cluster: Self.unencrypted(hosts: hosts), wish: $0, changes: changes) }
        var outcome = Outcome()
        while let now = open.popLast() {
            guard seen.insert(now).inserted else { continue }
            outcome.states = seen.count
            outcome.problem = Self.unreadable(now.cluster)
            if outcome.problem != nil { return outcome }
            if now.changes > 0 {
                open += Self.wishes.map { Moment(cluster: now.cluster, wish: $0, changes: now.changes - 1) }
            }
            // Without this no run gets past what its old processes write.
            for index in now.cluster.hosts.indices where now.cluster.hosts[index].lingering != .none {
                var next = now
                next.cluster.hosts[index].lingering = .none
                open.append(next)
            }
            switch decide(view(now.cluster), now.wish, freshKey: Self.fresh) {
            case .done: break
            case .refuse(let refusal): outcome.refusals.insert(refusal)
            case .perform(let step, _):
                var next = now.cluster
                next.succeed(in: step, for: now.wish)
                open.append(Moment(cluster: Self.written(next), wish: now.wish, changes: now.changes))
            }
        }
        return outcome
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

extension ConfigurationFile {
    /// False for the operator's own text, which is checked where it is read.
    fileprivate var isRendered: Bool {
        if case .present(_, "") = self { true } else { false }
    }
}
