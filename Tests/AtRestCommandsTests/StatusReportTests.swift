import ArgumentParser
import ControlPlane
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct StatusReportTests {
    private func report(_ sighting: ClusterSighting, declared: EncryptionMode = .managed) -> StatusReport {
        StatusReport(clusterName: "k1", declared: declared, sighting: sighting, now: EncryptionRequestTests.now)
    }

    private func text(_ sighting: ClusterSighting, declared: EncryptionMode = .managed) -> String {
        StatusText(report: report(sighting, declared: declared)).render()
    }

    @Test("an encrypted cluster => the key and its age, every host, what is stored, nothing wrong")
    func managed() {
        #expect(
            text(.managed) == """
                Cluster "k1": managed encryption.
                Written now: secrets with aescbc:atrest-20260101T000000-aaaa, 10d old.

                HOST  ADDRESS   VERSION  READY SINCE           FILE          LOADED  KEYS
                cp1   10.0.0.1  v1.20.2  2026-01-11T00:00:00Z  0123456789ab  yes     secrets: write \
                aescbc:atrest-20260101T000000-aaaa, read identity
                cp2   10.0.0.2  v1.20.2  2026-01-11T00:00:00Z  0123456789ab  yes     secrets: write \
                aescbc:atrest-20260101T000000-aaaa, read identity

                RESOURCE  OBJECTS  STORED AS                           THAT IS
                secrets   2,000    aescbc:atrest-20260101T000000-aaaa  what is written now
                kubeadm-config: in step.

                Nothing is wrong.

                """)
        #expect(report(.managed).isHealthy)
    }

    @Test("a wildcard => one line for it, not one for each resource that it covers")
    func wildcard() {
        var sighting = ClusterSighting.managed
        let configuration = EncryptionConfiguration(entries: [
            .init(resources: [.secrets], keys: [ClusterSighting.key]),
            .init(resources: [.everything], keys: [.identity, ClusterSighting.key]),
        ])
        for index in sighting.hosts.indices {
            sighting = sighting.changing(index) { found in
                found.host.file = .present(configuration, digest: "0")
                found.isCustom = true
            }
        }
        sighting.stored = .known(
            [
                .secrets: StoredCensus(), ResourceName("jobs.batch"): StoredCensus(),
                ResourceName("pods"): StoredCensus(counts: [.plaintext: 7]),
            ], unexamined: [])
        let lines = text(sighting, declared: .custom).split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("Written now") } == [
                "Written now: *.* as plain text.",
                "Written now: secrets with aescbc:atrest-20260101T000000-aaaa, 10d old.",
            ])
        #expect(lines.contains { $0.hasPrefix("pods ") } && lines.contains { $0.hasPrefix("secrets ") })
        #expect(!lines.contains { $0.hasPrefix("jobs.batch") })
    }

    @Test("a cluster without encryption => said, nothing wrong, and what the manifest asks for where that differs")
    func disabled() {
        #expect(
            text(.disabled) == """
                Cluster "k1": no encryption.
                Written now: secrets as plain text.
                The manifest asks for managed encryption: plan says what that takes.

                HOST  ADDRESS   VERSION  READY SINCE           FILE  LOADED  KEYS
                cp1   10.0.0.1  v1.20.2  2026-01-11T00:00:00Z  -     yes     -
                cp2   10.0.0.2  v1.20.2  2026-01-11T00:00:00Z  -     yes     -

                RESOURCE  OBJECTS  STORED AS   THAT IS
                secrets   3        plain text  what is written now
                kubeadm-config: in step.

                Nothing is wrong.

                """)
        #expect(report(.disabled).isHealthy)
        #expect(!text(.disabled, declared: .disabled).contains("manifest"))
    }

    @Test("half-way through an enable or a rotation => which, and what writes on each host")
    func halfWay() {
        let key = ClusterSighting.key
        let enable = ClusterSighting.holding([[key, .identity], [.identity, key]], stored: [.plaintext: 3])
        #expect(
            report(enable).problems
                == ["an enable is not finished: it was cut short, or is still under way; apply finishes it"])
        #expect(text(enable).contains("secrets with \(key), 10d old; as plain text.\n"))
        let rotation = ClusterSighting.holding(
            [[ClusterSighting.newer, key, .identity], [key, ClusterSighting.newer, .identity]],
            stored: [key.storedForm: 3])
        #expect(
            report(rotation).problems
                == ["a rotation is not finished: it was cut short, or is still under way; apply finishes it"])
    }

    @Test("several keys in a custom configuration => no operation that was cut short")
    func custom() {
        let keys = [ClusterSighting.newer, ClusterSighting.key]
        let sighting = ClusterSighting.holding([keys, keys], stored: [ClusterSighting.newer.storedForm: 3])
            .changing(0) { $0.isCustom = true }.changing(1) { $0.isCustom = true }
        #expect(text(sighting, declared: .custom).hasPrefix("Cluster \"k1\": a custom configuration.\n"))
        #expect(report(sighting, declared: .custom).isHealthy)
        let unlike = sighting.changing(0) { $0.host.file = .present(.unencrypted, digest: "another") }
        #expect(report(unlike, declared: .custom).problems.contains { $0.hasPrefix("the hosts' files differ: ") })
    }

    @Test("a custom configuration whose first provider is identity => a note, and no fault")
    func identityFirst() {
        let keys = [Key.identity, ClusterSighting.key]
        let sighting = ClusterSighting.holding([keys, keys], stored: [.plaintext: 3])
            .changing(0) { $0.isCustom = true }.changing(1) { $0.isCustom = true }
        let note =
            "the first provider for secrets is identity: nothing new is encrypted; to encrypt, move aescbc first"
        #expect(text(sighting, declared: .custom).contains("secrets as plain text.\nNote: \(note).\n"))
        #expect(report(sighting, declared: .custom).notes == [note])
        #expect(report(sighting, declared: .custom).isHealthy)
        #expect(report(.managed).notes.isEmpty)
    }

    @Test("too wide permissions, a missing flag, a missing file, what was not loaded, leftovers => said of that host")
    func drift() {
        func problems(_ change: (inout ObservedHost) -> Void) -> [String] {
            report(ClusterSighting.managed.changing(1) { change(&$0.host) }).problems
        }
        #expect(
            problems { $0.drift = ["\"/etc/x\" has mode 644 instead of 600"] }
                == ["cp2: \"/etc/x\" has mode 644 instead of 600"])
        #expect(
            problems { $0.isFlagged = false } == ["cp2: the flag is missing from its manifest (a kubeadm upgrade?)"])
        #expect(problems { $0.file = .absent } == ["cp2: the configuration file is missing"])
        #expect(problems { $0.loaded = .before(.unencrypted) }.first == "cp2: has not loaded what is on its disk")
        #expect(
            problems { $0.hasLeftovers = true }
                == ["cp2: a step that was cut short left files behind, which may hold a key"])
    }

    @Test("objects that are not under the write key, and no operation explains it => how many")
    func stale() {
        var sighting = ClusterSighting.managed.storing([ClusterSighting.key.storedForm: 3, .plaintext: 1])
        // Plain text under a key that every host writes with is what an enable leaves that was cut short.
        #expect(report(sighting).problems.map { $0.prefix(26) } == ["an enable is not finished:"])
        sighting = sighting.changing(0) { $0.isCustom = true }
        #expect(
            report(sighting, declared: .custom).problems
                == ["secrets: 1 object stored as plain text, and not under the write key; apply rewrites that"])
        #expect(text(sighting).contains("secrets   1        plain text                          to be rewritten\n"))
    }

    @Test("kubeadm-config out of step => what it would do")
    func kubeadm() {
        var disabled = ClusterSighting.disabled
        disabled.kubeadm = .partial
        #expect(
            report(disabled, declared: .disabled).problems.map { $0.prefix(33) } == [
                "kubeadm-config still has the flag"
            ])
        var managed = ClusterSighting.managed
        managed.kubeadm = .absent
        #expect(report(managed).problems.map { $0.prefix(29) } == ["kubeadm-config is not in step"])
        #expect(text(managed).contains("kubeadm-config: not in step.\n"))
        managed.kubeadm = nil
        #expect(text(managed).contains("kubeadm-config: not known.\n"))
    }

    @Test("one host is down => it has a row and the reason, and the others are shown")
    func hostDown() {
        let sighting = ClusterSighting.managed.losing(1, because: "\"cp2\" (root@10.0.0.2:22) cannot be reached")
        #expect(report(sighting).problems == ["\"cp2\" (root@10.0.0.2:22) cannot be reached"])
        let lines = text(sighting).split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("cp1   10.0.0.1  v1.20.2  2026-01-11T00:00:00Z") })
        #expect(lines.contains { $0.hasPrefix("cp2   10.0.0.2  -        not seen ") })
        #expect(text(sighting).contains("secrets   2,000 "))
    }

    @Test("an API server that is not ready => said, with what fails")
    func notReady() {
        let sighting = ClusterSighting.managed.changing(0) {
            $0.host.health = .repairable(failing: ["informer-sync"])
            $0.readySince = nil
        }
        #expect(report(sighting).problems == ["cp1: fails informer-sync"])
        #expect(text(sighting).contains("cp1   10.0.0.1  v1.20.2  not ready "))
    }

    @Test("a stored key that is on no disk => named, with the hosts that may have it in memory")
    func missingKey() {
        let old = StoredForm.encrypted(scheme: "aescbc:v1", name: "old")
        let sighting = ClusterSighting.managed.storing([old: 5, ClusterSighting.key.storedForm: 1])
        #expect(report(sighting).problems.count == 1)
        #expect(
            report(sighting).problems.first?.hasPrefix(
                "etcd holds secrets stored under aescbc:old, and no control-plane host that was seen has that key")
                == true)
        #expect(text(sighting).contains("secrets   5        aescbc:old                          a missing key\n"))
        let unknown = sighting.changing(1) { $0.host.loaded = .unknown }
        #expect(
            report(unknown).problems.first?.contains(
                "the API server of cp2 may hold it in memory: do not restart it. ") == true)
    }

    @Test("etcd does not answer => said why, and no table")
    func storageUnknown() {
        var sighting = ClusterSighting.managed
        sighting.stored = .unknown(reason: "etcd on \"cp1\" did not answer in time")
        #expect(
            report(sighting).problems == ["what is stored is not known: etcd on \"cp1\" did not answer in time"])
        #expect(!text(sighting).contains("RESOURCE"))
    }

    @Test("a KMS => a column with its health")
    func kms() {
        let kms = Key.kms(version: .v1, name: "vault", endpoint: "unix:///run/kms.sock")
        let sighting = ClusterSighting.holding([[kms], [kms]], stored: [kms.storedForm: 1]).changing(1) {
            $0.host.health = .repairable(failing: ["kms-provider-0"])
        }
        let lines = text(sighting).split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("cp1 ") && $0.contains("  healthy               ") })
        #expect(lines.contains { $0.hasPrefix("cp2 ") && $0.contains("  fails kms-provider-0  ") })
        let silent = sighting.changing(0) { $0.host.silentKMS = [kms: "nobody listens"] }
        #expect(report(silent).problems.first == "cp1: the plugin of kms:vault answers nothing: nobody listens")
        #expect(text(silent).contains("  silent                "))
    }

    @Test("JSON => the same facts under stable names")
    func json() throws {
        let sighting = ClusterSighting.managed.losing(1, because: "down")
        #expect(
            try jsonText(StatusJSON(report(sighting))) == """
                {
                  "cluster" : "k1",
                  "declared" : "managed",
                  "hosts" : [
                    {
                      "address" : "10.0.0.1",
                      "digest" : "0123456789abcdef",
                      "failingChecks" : [

                      ],
                      "health" : "ready",
                      "isFlagged" : true,
                      "isSeen" : true,
                      "keys" : [
                        {
                          "read" : [
                            "identity"
                          ],
                          "resource" : "secrets",
                          "write" : "aescbc:atrest-20260101T000000-aaaa"
                        }
                      ],
                      "loaded" : "disk",
                      "name" : "cp1",
                      "problems" : [

                      ],
                      "readySince" : "2026-01-11T00:00:00Z",
                      "version" : "v1.20.2"
                    },
                    {
                      "address" : "10.0.0.2",
                      "isSeen" : false,
                      "name" : "cp2",
                      "problems" : [
                        "down"
                      ]
                    }
                  ],
                  "isHealthy" : false,
                  "isKubeadmInStep" : true,
                  "mode" : "managed",
                  "notes" : [

                  ],
                  "problems" : [

                  ],
                  "stored" : [
                    {
                      "isKeyMissing" : false,
                      "objects" : 2000,
                      "resource" : "secrets",
                      "storedAs" : "aescbc:atrest-20260101T000000-aaaa"
                    }
                  ],
                  "writeKeys" : [
                    {
                      "keys" : [
                        {
                          "ageSeconds" : 864000,
                          "name" : "atrest-20260101T000000-aaaa",
                          "provider" : "aescbc"
                        }
                      ],
                      "resource" : "secrets"
                    }
                  ]
                }

                """)
    }

    @Test("the command line => the same inputs as plan, and a format")
    func parses() throws {
        let command = try #require(
            try AtRest.parseAsRoot(["status", "-m", "a.yaml", "-t", "-", "-o", "json", "-v"]) as? StatusCommand)
        #expect(command.input.manifest == "a.yaml" && command.input.tfjson == "-")
        #expect(command.format == .json)
        #expect(try (AtRest.parseAsRoot(["status"]) as? StatusCommand)?.format == .text)
        #expect(throws: (any Error).self) { try AtRest.parseAsRoot(["status", "-o", "yaml"]) }
    }
}
