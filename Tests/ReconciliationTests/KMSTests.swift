import Reconciliation
import Testing

@Suite struct KMSTests {
    typealias Entry = EncryptionConfiguration.Entry

    static let aws = Key.kms(version: .v1, name: "aws", endpoint: "unix:///run/kms/aws.sock")
    static let vault = Key.kms(version: .v2, name: "vault", endpoint: "unix:///run/kms/vault.sock")
    static let other = Key.kms(version: .v2, name: "other", endpoint: "unix:///run/kms/other.sock")
    static let local = CustomTests.key("local")
    static let configmaps = CustomTests.configmaps

    static func wish(_ keys: Key...) -> DesiredEncryption { CustomTests.custom("kms", secrets: keys, configmaps: []) }

    /// Three hosts with these keys for Secrets in their files, or without encryption.
    static func cluster(_ keys: Key..., stored: Key = .identity) -> ObservedCluster {
        let configuration = EncryptionConfiguration(entries: [Entry(resources: [.secrets], keys: keys)])
        let hosts = ["cp1", "cp2", "cp3"].map { name in
            keys.isEmpty
                ? ObservedHost(name: HostName(name), file: .absent, isFlagged: false, loaded: .disk)
                : ObservedHost(
                    name: HostName(name), file: .present(configuration, digest: "old"), place: .custom,
                    isFlagged: true, loaded: .disk)
        }
        return ObservedCluster(
            hosts: hosts, stored: [.secrets: StoredObjects(count: 9, forms: [stored.storedForm])],
            kubeadm: keys.isEmpty ? .absent : .present)
    }

    static func decide(_ observed: ObservedCluster, _ desired: DesiredEncryption) -> Decision {
        Reconciliation.decide(observed, desired, freshKey: CustomTests.fresh)
    }

    static func plan(_ observed: ObservedCluster, _ desired: DesiredEncryption) throws -> [Plan.Item] {
        try Plan(from: observed, to: desired, freshKey: CustomTests.fresh).items
    }

    @Test("the same keys in another order => each host gets the operator's text with the new write key, in one restart")
    func reordered() throws {
        let wish = Self.wish(Self.aws, .identity)
        let items = try Self.plan(Self.cluster(.identity, Self.aws), wish)
        let targets = items.compactMap { item -> Target? in
            guard case .configure(_, let target, .writeWithWanted) = item.step else { return nil }
            return target
        }
        guard case .custom(let custom) = wish else { return }
        #expect(targets == [.custom(custom), .custom(custom), .custom(custom)])
        #expect(items.count { if case .configure = $0.step { true } else { false } } == 3)
    }

    @Test(
        "a wished plugin that does not answer on some hosts => refused, hosts and place named",
        arguments: [true, false])
    func absent(isFirst: Bool) throws {
        var observed = Self.cluster()
        let wish = isFirst ? Self.wish(Self.aws, .identity) : Self.wish(.identity, Self.aws)
        for index in [1, 2] { observed.hosts[index].silentKMS = [Self.aws: "there is nothing"] }
        guard case .refuse(let refusal) = Self.decide(observed, wish) else {
            Issue.record("not refused")
            return
        }
        #expect(
            "\(refusal)".hasPrefix(
                """
                cp2: the plugin of the KMS "aws" does not answer at unix:///run/kms/aws.sock: there is nothing
                cp3: the plugin of the KMS "aws" does not answer at unix:///run/kms/aws.sock: there is nothing
                """))
        for index in [1, 2] { observed.hosts[index].silentKMS = [:] }
        #expect(try !Self.plan(observed, wish).isEmpty)
    }

    @Test("an API server that does not run, and its plugin does not answer => the plugin is named")
    func down() {
        var observed = Self.cluster(Self.aws, .identity, stored: Self.aws)
        observed.hosts[1].health = .unhealthy(failing: ["kube-apiserver does not run"])
        observed.hosts[1].silentKMS = [Self.aws: "nobody listens there"]
        guard case .refuse(.kmsSilent(Self.aws, let outages)) = Self.decide(observed, .managed(rotate: false)) else {
            Issue.record("not refused because of the plugin")
            return
        }
        #expect(outages.map(\.host.text) == ["cp2"])
    }

    @Test("a rewrite is asked for, and a KMS v2 encrypts => all is rewritten once, and nothing else is done")
    func rewriteAsked() throws {
        var observed = Self.cluster(Self.vault, .identity, stored: Self.vault)
        let entries = [Entry(resources: [.secrets], keys: [Self.vault, .identity])]
        let custom = CustomConfiguration(configuration: EncryptionConfiguration(entries: entries), digest: "old")
        #expect(try Self.plan(observed, .custom(custom)) == [])
        observed.toRewrite = [.secrets]
        let rewrite = Step.rewrite([.init(resource: .secrets, key: Self.vault)])
        #expect(
            try Self.plan(observed, .custom(custom)) == [.init(step: rewrite, reason: .keyOfPluginUnseen)])
        observed.stored[.secrets] = StoredObjects(count: 0, forms: [])
        #expect(try Self.plan(observed, .custom(custom)) == [])
    }

    @Test("a rewrite is asked for, and a move to a KMS v2 or away from it is under way => rewritten once, as ever")
    func rewriteAskedInAMove() throws {
        for (live, wanted) in [(Self.aws, Self.vault), (Self.vault, Self.aws)] {
            var observed = Self.cluster(live, .identity, stored: live)
            let moved = try Self.plan(observed, Self.wish(wanted, .identity))
            observed.toRewrite = [.secrets]
            #expect(try Self.plan(observed, Self.wish(wanted, .identity)) == moved)
        }
    }

    @Test("a host without a control plane yet and without a plugin => no reason to refuse")
    func notJoined() throws {
        var observed = Self.cluster()
        observed.hosts[2].health = .notJoined
        observed.hosts[2].silentKMS = [Self.aws: "there is nothing"]
        #expect(try !Self.plan(observed, Self.wish(Self.aws, .identity)).isEmpty)
    }

    @Test("a plugin that stored objects need and that answers nowhere => refused; brought back => decrypted")
    func needed() throws {
        var observed = Self.cluster(Self.aws, .identity, stored: Self.aws)
        for index in observed.hosts.indices {
            observed.hosts[index].silentKMS = [Self.aws: "nobody listens there"]
            observed.hosts[index].health = .repairable(failing: ["kms-provider-0"])
        }
        guard case .refuse(.kmsSilent(Self.aws, let outages)) = Self.decide(observed, .disabled) else {
            Issue.record("not refused")
            return
        }
        #expect(outages.map(\.host.text) == ["cp1", "cp2", "cp3"])
        for index in observed.hosts.indices { observed.hosts[index].silentKMS = [:] }
        let items = try Self.plan(observed, .disabled)
        #expect(items.contains { $0.step == .rewrite([.init(resource: .secrets, key: .identity)]) })
    }

    @Test("a plugin that answers nowhere and that nothing needs => not in any file that a host gets")
    func outsideOfN() throws {
        var observed = Self.cluster(.identity, Self.aws)
        for index in observed.hosts.indices {
            observed.hosts[index].silentKMS = [Self.aws: "there is nothing"]
            observed.hosts[index].health = .repairable(failing: ["kms-provider-0"])
        }
        let items = try Self.plan(observed, .managed(rotate: false))
        #expect(items.contains { if case .configure(_, _, .readableEverywhere) = $0.step { true } else { false } })
        #expect(!items.contains { $0.step.keys.contains(Self.aws) })
    }

    @Test("the same while it answers => kept up to the last round")
    func outsideOfNAnswering() throws {
        let items = try Self.plan(Self.cluster(.identity, Self.aws), .managed(rotate: false))
        for item in items {
            guard case .configure(_, let target, let round) = item.step else { continue }
            #expect(target.configuration.keys.contains(Self.aws) == (round != .prune))
        }
    }

    @Test(
        "a KMS name with another endpoint or version => refused, and a new name demanded",
        arguments: [
            Key.kms(version: .v1, name: "aws", endpoint: "unix:///run/new/aws.sock"),
            Key.kms(version: .v2, name: "aws", endpoint: "unix:///run/kms/aws.sock"),
        ])
    func changedEndpoint(changed: Key) {
        let observed = Self.cluster(Self.aws, .identity, stored: Self.aws)
        guard case .refuse(let refusal) = Self.decide(observed, Self.wish(changed, .identity)) else {
            Issue.record("not refused")
            return
        }
        #expect("\(refusal)".contains("the KMS name \"aws\" stands for unix:///run/kms/aws.sock (v1) and "))
        #expect("\(refusal)".hasSuffix("Give the new one a new name"))
    }

    @Test("a KMS that goes => kubeadm is told of its socket until no host has it")
    func kubeadm() throws {
        func records(_ wish: DesiredEncryption) throws -> [Reason] {
            try Self.plan(Self.cluster(Self.aws, .identity, stored: Self.aws), wish)
                .filter { [.recordInKubeadm, .removeFromKubeadm].contains($0.step) }.map(\.reason)
        }
        #expect(try records(.managed(rotate: false)) == [.kubeadmHasMore])
        #expect(try records(.disabled) == [.kubeadmWouldBringItBack])
        #expect(try records(Self.wish(Self.local, Self.aws)).isEmpty)
        let last = try Self.plan(Self.cluster(Self.aws, .identity, stored: Self.aws), .managed(rotate: false)).last
        #expect(last?.step == .recordInKubeadm)
    }

    @Test("from any configuration to any other => each KMS v2 provider stands in one entry of every file")
    func onlyEntry() throws {
        let rings: [[Key]] = [
            [Self.vault, .identity], [.identity, Self.vault], [Self.local, Self.vault], [.identity],
        ]
        for first in rings {
            for second in rings {
                let entries = [
                    Entry(resources: [.secrets], keys: first), Entry(resources: [Self.configmaps], keys: second),
                ]
                var observed = Self.cluster(Self.vault, .identity, stored: Self.vault)
                let live = EncryptionConfiguration(entries: [
                    Entry(resources: [.secrets, Self.configmaps], keys: [Self.vault, .identity])
                ])
                for index in observed.hosts.indices { observed.hosts[index].file = .present(live, digest: "old") }
                observed.stored[Self.configmaps] = observed.stored[.secrets]
                let wanted = EncryptionConfiguration(entries: entries)
                let items = try Self.plan(
                    observed, .custom(CustomConfiguration(configuration: wanted, digest: "new")))
                for item in items {
                    guard case .configure(_, .configuration(let target), _) = item.step else { continue }
                    #expect(target.entries.count { $0.keys.contains(Self.vault) } <= 1, "\(target)")
                    for resource in [ResourceName.secrets, Self.configmaps] {
                        #expect(target.keyRing(for: resource).contains(Self.vault), "\(target)")
                        #expect(
                            Set(target.keyRing(for: resource).keys).count == target.keyRing(for: resource).keys.count)
                    }
                }
            }
        }
    }

    @Test("two KMS v2 providers in opposite orders => refused, and a new name asked for")
    func opposite() {
        var observed = Self.cluster(Self.vault, Self.other, stored: Self.vault)
        let live = EncryptionConfiguration(entries: [
            Entry(resources: [.secrets, Self.configmaps], keys: [Self.vault, Self.other])
        ])
        for index in observed.hosts.indices { observed.hosts[index].file = .present(live, digest: "old") }
        observed.stored[Self.configmaps] = observed.stored[.secrets]
        let wish = CustomTests.custom("new", secrets: [Self.vault, Self.other], configmaps: [Self.other, Self.vault])
        #expect(Self.decide(observed, wish) == .refuse(.kmsOrder([Self.other, Self.vault].sorted())))
        guard case .refuse(let refusal) = Self.decide(observed, wish) else { return }
        #expect("\(refusal)".contains("Use a new KMS name"))
    }
}
