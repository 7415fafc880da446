import Reconciliation
import Testing

/// Wildcards: every order of wishes, death behind every step, and a custom resource that is installed at any moment.
@Suite struct WildcardTests {
    typealias Entry = EncryptionConfiguration.Entry

    static let deployments = ResourceName("deployments.apps")
    /// Two that only a wildcard covers, and one that is installed in the middle.
    static let widgets = ResourceName("widgets.example.org")
    static let late = ResourceName("gadgets.example.org")

    static func custom(_ digest: String, _ entries: (names: [String], keys: [Key])...) -> DesiredEncryption {
        let entries = entries.map { Entry(resources: $0.names.map(ResourceName.init), keys: $0.keys) }
        return .custom(CustomConfiguration(configuration: EncryptionConfiguration(entries: entries), digest: digest))
    }

    static let first = CustomTests.key("first")
    static let second = CustomTests.key("second", .secretbox)
    static let own = CustomTests.key("own")
    static let vault = Key.kms(version: .v2, name: "vault", endpoint: "unix:///run/kms/vault.sock")

    static let wishes: [DesiredEncryption] = [
        .disabled, .managed(rotate: false),
        custom("all", (["secrets"], [own, .identity]), (["*.*"], [first, .identity])),
        custom("group", (["*.example.org"], [second, .identity]), (["secrets"], [own])),
        custom(
            "mixed", (["deployments.apps"], [own, .identity]), (["*.apps"], [second, .identity]),
            (["*.*"], [.identity, first])),
        custom("exact", (["widgets.example.org"], [first, .identity]), (["*."], [second, .identity])),
    ]

    private static func unencrypted(hosts: Int) -> ObservedCluster {
        .unencrypted(hosts: hosts, holding: [.secrets, deployments, widgets])
    }

    /// A resource is installed at any moment.
    private static var search: WishSearch {
        WishSearch(
            wishes: wishes, loadProblem: { $0.file.configuration.flatMap(loadProblem) }, mishap: installingLate,
            unfinished: unfinished)
    }

    private static func installingLate(_ cluster: ObservedCluster) -> ObservedCluster? {
        guard cluster.stored[late] == nil else { return nil }
        var cluster = cluster
        cluster.stored[late] = StoredObjects(count: 9, forms: [])
        return cluster.written
    }

    /// What kube-apiserver's getTransformerOverridesAndKMSPluginProbes and validateResourceOverlap refuse, in their words.
    static func loadProblem(_ configuration: EncryptionConfiguration) -> String? {
        var seen: Set<String> = []
        for entry in configuration.entries {
            let names = entry.resources.map(\.text)
            for name in names {
                let group = "*" + (name.firstIndex(of: ".").map { name[$0...] } ?? ".")
                if seen.contains(group) || seen.contains("*.*") { return "\(name) is masked by an earlier rule" }
                if group != name, names.contains(group) || name != "*.*" && names.contains("*.*") {
                    return "\(name) overlaps in one list"
                }
                if Set(entry.keys).count != entry.keys.count { return "a key stands twice for \(name)" }
            }
            seen.formUnion(names)
        }
        let providers = configuration.entries.flatMap(\.keys).filter { $0 == vault }
        return providers.count > 1 ? "\(vault) stands twice" : nil
    }

    /// What is stored otherwise than a finished run leaves it; a resource that came in with the last step included.
    private static func unfinished(_ cluster: ObservedCluster, _ wish: DesiredEncryption) -> String? {
        for (resource, objects) in cluster.stored {
            let wanted: Key =
                switch wish {
                case .disabled: .identity
                case .managed: cluster.hosts[0].onDisk?.keyRing(for: resource).writeKey ?? .identity
                case .custom(let custom): custom.configuration.keyRing(for: resource).writeKey
                }
            if objects.forms != [wanted.storedForm] { return "done, but \(resource) is stored as \(objects.forms)" }
        }
        return nil
    }

    @Test("other wishes behind any step of a run => readable all along", arguments: [(1, 2), (2, 1)])
    func everyOrder(hosts: Int, changes: Int) {
        let outcome = Self.search.outcome(from: Self.unencrypted(hosts: hosts), changes: changes)
        print("wildcards: \(hosts) hosts, \(changes) changes of mind: \(outcome.states) states")
        #expect(outcome.problem == nil && outcome.refusals.isEmpty, "\(outcome)")
    }

    @Test(
        "a run that sees what a wildcard covers and not the wildcard itself => a resource installed later finds it out")
    func bites() throws {
        var search = Self.search
        search.decider = Self.blind
        let outcome = search.outcome(from: Self.unencrypted(hosts: 2), changes: 1)
        let problem = try #require(outcome.problem)
        #expect(problem.contains("cannot read gadgets.example.org"), "\(problem)")
    }

    /// Takes every wildcard for a list of what it covers now.
    private static func blind(_ cluster: ObservedCluster, _ wish: DesiredEncryption) -> Decision {
        func expanded(_ configuration: EncryptionConfiguration) -> EncryptionConfiguration {
            let names = Set(cluster.stored.keys).union(configuration.resources.filter { !$0.isWildcard })
            return EncryptionConfiguration(
                entries: names.sorted().map { Entry(resources: [$0], keys: configuration.keyRing(for: $0).keys) })
        }
        var seen = cluster
        for index in seen.hosts.indices {
            if case .present(let file, let digest) = seen.hosts[index].file {
                seen.hosts[index].file = .present(expanded(file), digest: digest)
            }
            if case .holding(let old) = seen.hosts[index].lingering {
                seen.hosts[index].lingering = .holding(expanded(old))
            }
        }
        guard case .custom(let custom) = wish else { return decide(seen, wish, freshKey: CustomTests.fresh) }
        let list = CustomConfiguration(configuration: expanded(custom.configuration), digest: custom.digest)
        let decision = decide(seen, .custom(list), freshKey: CustomTests.fresh)
        guard case .perform(.configure(let host, .custom, let round), let reason) = decision else { return decision }
        return .perform(.configure(host, .custom(custom), round), because: reason)
    }

    @Test("any wish from any other => its end holds the wish", arguments: wishes, wishes)
    func ends(first: DesiredEncryption, second: DesiredEncryption) throws {
        var cluster = Self.unencrypted(hosts: 3)
        for wish in [first, second] {
            let plan = try Plan(from: cluster, to: wish, freshKey: CustomTests.fresh)
            for item in plan.items { cluster.succeed(in: item.step, for: wish) }
            #expect(try Plan(from: cluster, to: wish, freshKey: CustomTests.fresh).isEmpty)
        }
        guard case .custom(let custom) = second else { return }
        for host in cluster.hosts { #expect(host.file == .present(custom.configuration, digest: custom.digest)) }
    }

    @Test("a wildcard that the wish does not name any more => what it covered is plain text before its key goes")
    func leaves() throws {
        var cluster = Self.unencrypted(hosts: 2)
        let enabled = Self.custom("all", (["*.*"], [Self.first, .identity]))
        for item in try Plan(from: cluster, to: enabled, freshKey: CustomTests.fresh).items {
            cluster.succeed(in: item.step, for: enabled)
        }
        let steps = try Plan(from: cluster, to: .managed(rotate: false), freshKey: CustomTests.fresh).items.map(\.step)
        let rewrite = Step.rewrite([
            .init(resource: Self.deployments, key: .identity), .init(resource: Self.widgets, key: .identity),
        ])
        let rewritten = try #require(steps.firstIndex(of: rewrite))
        for (index, step) in steps.enumerated() {
            guard case .configure(_, let target, let round) = step else { continue }
            #expect(target.configuration.keyRing(for: Self.late).contains(Self.first) == (round != .prune))
            #expect((index > rewritten) == (round == .prune))
        }
    }

    @Test("a wildcard behind a KMS v2 => enabled and left; beside another write key refused, and the way there works")
    func kms() throws {
        let vault = Self.custom("vault", (["*.*"], [Self.vault, .identity]))
        let one = Self.custom("one", (["*.*"], [Self.first, .identity]))
        var cluster = Self.unencrypted(hosts: 2)
        func go(to wish: DesiredEncryption) throws {
            while case .perform(let step, _) = decide(cluster, wish, freshKey: CustomTests.fresh) {
                cluster.succeed(in: step, for: wish)
                // Else an old process would write for ever behind it.
                if case .rewrite = step {} else { cluster = cluster.written }
                #expect(Self.search.problem(cluster) == nil)
            }
            #expect(decide(cluster, wish, freshKey: CustomTests.fresh) == .done)
        }
        try go(to: vault)
        try go(to: .disabled)
        try go(to: .managed(rotate: false))
        let refusal = Refusal.kmsBesideWildcard(Self.vault, .everything, .secrets)
        #expect(decide(cluster, vault, freshKey: CustomTests.fresh) == .refuse(refusal))
        #expect("\(refusal)".contains("Go there in two steps"))
        try go(to: one)
        try go(to: vault)
    }
}
