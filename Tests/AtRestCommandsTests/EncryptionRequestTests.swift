import ArgumentParser
import ControlPlane
import Manifest
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct EncryptionRequestTests {
    /// Ten days after the key of `clusterWithKey` was made.
    static let now = 1_768_089_600

    /// What a manifest with this behind `enable:` declares.
    static func declared(enable: String) throws -> DeclaredEncryption {
        let manifest = try KubeOneManifest(
            parsing: """
                apiVersion: kubeone.k8c.io/v1beta2
                kind: KubeOneCluster
                name: k1
                features:
                  encryptionProviders:
                    enable: \(enable)

                """, file: "kubeone.yaml")
        return try DeclaredEncryption(manifest.encryption)
    }

    static func request(_ arguments: [String], enable: String = "true") throws -> EncryptionRequest {
        try EncryptionRequest(try declared(enable: enable), try KeyOptions.parse(arguments))
    }

    static let custom = """
        true
            customEncryptionConfiguration: |
              apiVersion: apiserver.config.k8s.io/v1
              kind: EncryptionConfiguration
              resources: [{resources: [secrets], providers: [{identity: {}}]}]
        """

    @Test("--rewrite with a KMS v2 => asked for; with any other key => refused before anything is looked at")
    func rewrite() throws {
        let kms = "kms: {apiVersion: v2, name: k, endpoint: 'unix:///run/k/s.sock'}"
        let v2 = Self.custom.replacing("identity: {}", with: kms)
        #expect(try Self.request(["--rewrite"], enable: v2).rewrites)
        #expect(try !Self.request([], enable: v2).rewrites)
        let v1 = v2.replacing("apiVersion: v2, ", with: "")
        for enable in ["true", "false", Self.custom, v1] {
            #expect(throws: NothingToRewrite.self) { try Self.request(["--rewrite"], enable: enable) }
        }
    }

    static func cluster(key name: String = "atrest-20260101T000000-aaaa") -> ObservedCluster {
        let key = Key.local(provider: .aescbc, name: name, fingerprint: Fingerprint("01"))
        return ObservedCluster(
            hosts: ["cp1", "cp2"].map { host in
                ObservedHost(
                    name: HostName(host),
                    file: .present(
                        EncryptionConfiguration(
                            entries: [.init(resources: [.secrets], keys: [key, .identity])]), digest: ""),
                    isFlagged: true, loaded: .disk)
            }, stored: [.secrets: StoredObjects(count: 3, forms: [key.storedForm])], kubeadm: .present)
    }

    static func intent(
        _ arguments: [String], _ observed: ObservedCluster = cluster(), enable: String = "true"
    ) throws -> EncryptionIntent {
        try request(arguments, enable: enable).intent(for: observed, customHosts: [], now: now)
    }
}

// Age
extension EncryptionRequestTests {
    @Test("a key that is young enough => stays, and its age is said, also beside --rotate-encryption-key")
    func young() throws {
        for flags in [
            ["--rotate-if-older-than", "240h"], ["--rotate-if-older-than", "30d", "--rotate-encryption-key"],
        ] {
            let intent = try Self.intent(flags)
            #expect(intent.desired == .managed(rotate: false))
            #expect(intent.notes.count == 1)
            #expect(intent.notes[0].hasPrefix("The key aescbc:atrest-20260101T000000-aaaa is 10d old, not more than "))
        }
    }

    @Test("a key that is too old => replaced, and its age is said")
    func old() throws {
        let intent = try Self.intent(["--rotate-if-older-than", "239h59m"])
        #expect(intent.desired == .managed(rotate: true))
        #expect(
            intent.notes == [
                "The key aescbc:atrest-20260101T000000-aaaa is 10d old, more than 9d23h59m: it is replaced."
            ])
    }

    @Test("a name without a date => of unknown age, replaced, and that is said")
    func unknownAge() throws {
        let intent = try Self.intent(["--rotate-if-older-than", "300d"], Self.cluster(key: "kubeone-x7k2p9"))
        #expect(intent.desired == .managed(rotate: true))
        #expect(
            intent.notes == [
                "The age of the key aescbc:kubeone-x7k2p9 is unknown (its name has no date): it is replaced."
            ])
    }

    @Test("a name from a clock that was fast => not older than any limit")
    func future() throws {
        let observed = Self.cluster(key: "atrest-20300101T000000-aaaa")
        #expect(try Self.intent(["--rotate-if-older-than", "1s"], observed).desired == .managed(rotate: false))
    }

    @Test("nothing is encrypted => an age limit asks for nothing, --rotate-encryption-key still for a rotation")
    func unencrypted() throws {
        let observed = PlanTextTests.unencrypted
        #expect(try Self.intent(["--rotate-if-older-than", "1h"], observed).desired == .managed(rotate: false))
        let both = ["--rotate-if-older-than", "1h", "--rotate-encryption-key"]
        #expect(try Self.intent(both, observed).desired == .managed(rotate: true))
        #expect(try Self.intent(["--rotate-if-older-than", "1h"], observed, enable: "false").desired == .disabled)
    }

    @Test("an interrupted rotation => finished, whatever is asked for, also where a host is down")
    func interrupted() throws {
        var observed = Self.cluster()
        let other = Key.local(provider: .secretbox, name: "atrest-20250101T000000-bbbb", fingerprint: .init("02"))
        let keys = (observed.hosts[0].file.configuration?.entries[0].keys ?? []) + [other]
        observed.hosts[0].file = .present(
            EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: keys)]), digest: "")
        observed.hosts[1].health = .repairable(failing: ["kube-apiserver does not run"])
        let asked = ["--encryption-provider", "aesgcm", "--rotate-encryption-key", "--rotate-if-older-than", "1h"]
        let intent = try Self.intent(asked, observed)
        #expect(intent.desired == .managed(rotate: false))
        #expect(
            intent.notes == [
                "No new key is made in this run: what was begun is finished first.",
                "--encryption-provider aesgcm is for new keys, and this run makes none.",
            ])
        #expect(try Self.intent([], observed).notes.isEmpty)
    }
}

// Provider
extension EncryptionRequestTests {
    @Test("another provider without a rotation => nothing changes, and how to move is said")
    func providerAlone() throws {
        let intent = try Self.intent(["--encryption-provider", "secretbox"])
        #expect(intent.desired == .managed(rotate: false))
        #expect(
            intent.notes == [
                "--encryption-provider secretbox is for new keys; the key in use is "
                    + "aescbc:atrest-20260101T000000-aaaa; to move, add --rotate-encryption-key."
            ])
        #expect(try Self.intent(["--encryption-provider", "aescbc"]).notes.isEmpty)
    }

    @Test("a provider for a key that is made => no remark; for a run that makes none => said")
    func providerOfNewKey() throws {
        let secretbox = ["--encryption-provider", "secretbox"]
        #expect(try Self.intent(secretbox + ["--rotate-encryption-key"]).notes.isEmpty)
        #expect(try Self.intent(secretbox, PlanTextTests.unencrypted).notes.isEmpty)
        #expect(
            try Self.intent(secretbox, enable: "false").notes == [
                "--encryption-provider secretbox is for new keys, and this run makes none."
            ])
    }

    @Test("a provider that is none => wrong usage, 64, and the ones that are")
    func unknownProvider() throws {
        let error = #expect(throws: (any Error).self) { try KeyOptions.parse(["--encryption-provider", "identity"]) }
        let wrong = try #require(error)
        #expect(KeyOptions.exitCode(for: wrong).rawValue == 64)
        #expect(KeyOptions.message(for: wrong).contains("take one of aescbc, aesgcm, secretbox"))
    }
}

// Refusals
extension EncryptionRequestTests {
    static let rotate = ["--rotate-encryption-key"]

    @Test("rotate where the manifest does not enable encryption => refused, custom configuration or not")
    func disabled() throws {
        let withCustom = Self.custom.replacing("true\n", with: "false\n")
        for enable in ["false", withCustom] {
            let error = #expect(throws: CannotRotate.disabled) { try Self.request(Self.rotate, enable: enable) }
            #expect(
                "\(try #require(error))".hasPrefix("encryption Providers support is not enabled for this cluster: "))
        }
    }

    @Test("rotate with a custom configuration => refused, also by age")
    func custom() throws {
        for flags in [Self.rotate, ["--rotate-if-older-than", "1d"]] {
            let error = #expect(throws: CannotRotate.custom) { try Self.request(flags, enable: Self.custom) }
            #expect("\(try #require(error))".hasPrefix("key rotation of custom providers file is not supported: "))
        }
        #expect(try Self.request([], enable: Self.custom).custom?.file.configuration.resources == [.secrets])
    }

    @Test("rotate on hosts with a custom configuration => refused, and they are named; without rotating => not")
    func liveCustom() throws {
        let hosts = [HostName("cp1"), HostName("cp2")]
        let error = #expect(throws: CannotRotate.liveCustom(hosts)) {
            try Self.request(Self.rotate).intent(for: Self.cluster(), customHosts: hosts, now: Self.now)
        }
        #expect("\(try #require(error))".contains("cp1, cp2 still have one"))
        let plain = try Self.request([]).intent(for: Self.cluster(), customHosts: hosts, now: Self.now)
        #expect(plain.desired == .managed(rotate: false))
    }

    @Test("rotate where an API server is not healthy => refused, and it is named")
    func unhealthy() throws {
        var observed = Self.cluster()
        observed.hosts[1].health = .repairable(failing: ["informer-sync"])
        let error = #expect(throws: CannotRotate.unhealthy(HostName("cp2"), failing: ["informer-sync"])) {
            try Self.intent(Self.rotate, observed)
        }
        let words = "\(try #require(error))"
        #expect(words.hasPrefix("cluster is not healthy, encryption key rotation is not supported: "))
        #expect(words.contains("cp2 fails (informer-sync)"))
        #expect(try Self.intent([], observed).desired == .managed(rotate: false))
        // Taken down by a rotation's first step that was cut short: the same command goes on.
        observed.hosts[1].openStep = [.identity]
        #expect(try Self.intent(Self.rotate, observed).desired == .managed(rotate: true))
    }

    @Test("rotate what is not encrypted yet => refused, and what to do")
    func notEncryptedYet() throws {
        let intent = try Self.intent(Self.rotate, PlanTextTests.unencrypted)
        let error = #expect(throws: Refusal.nothingToRotate) {
            try Plan(from: PlanTextTests.unencrypted, to: intent.desired, freshKey: PlanTextTests.key)
        }
        #expect("\(try #require(error))".contains("it is not encrypted yet, so there is no key to rotate"))
    }

    @Test("a missing --force-upgrade => the flag is named, rotating is only where it was asked for")
    func missingForceUpgrade() {
        let rotation = "rotating encryption keys requires the --force-upgrade flag. "
        #expect("\(MissingForceUpgrade(rotates: true))".hasPrefix(rotation + "Nothing was changed: "))
        #expect("\(MissingForceUpgrade(rotates: false))".hasPrefix("Nothing was changed: "))
    }
}
