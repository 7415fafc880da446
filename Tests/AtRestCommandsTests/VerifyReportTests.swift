import ArgumentParser
import ControlPlane
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct VerifyReportTests {
    private func report(_ sighting: ClusterSighting, _ declared: DeclaredEncryption = .managed) -> VerifyReport {
        VerifyReport(clusterName: "k1", declared: declared, sighting: sighting)
    }

    /// Every host has the configuration on its disk.
    private func sighting(holding declared: DeclaredEncryption) throws -> ClusterSighting {
        guard case .custom(let custom) = declared else { throw NoCustomConfiguration() }
        let file = ConfigurationFile.present(custom.file.configuration, digest: "0")
        return ClusterSighting.managed.hosts.indices.reduce(.managed) { sighting, index in
            sighting.changing(index) { $0.host.file = file }
        }
    }

    private struct NoCustomConfiguration: Error {}

    /// A manifest with a custom configuration of these entries, in YAML's flow style.
    private func declaring(_ entries: String) throws -> DeclaredEncryption {
        try EncryptionRequestTests.declared(
            enable: """
                true
                    customEncryptionConfiguration: |
                      apiVersion: apiserver.config.k8s.io/v1
                      kind: EncryptionConfiguration
                      resources: [\(entries)]
                """)
    }

    private static let old = StoredForm.encrypted(scheme: "aescbc:v1", name: "old")
    private let key = ClusterSighting.key

    @Test("all is stored under the key that every host writes with => proved, and what that does not cover")
    func proved() {
        #expect(
            VerifyText(report: report(.managed)).render() == """
                RESOURCE  OBJECTS  STORED AS                           DECLARED
                secrets   2,000    aescbc:atrest-20260101T000000-aaaa  yes

                Proved: all of it is stored as declared, as etcd shows it. Backups were not looked at.

                """)
        #expect(report(.managed).verdict == .proved)
        #expect(report(.disabled, .disabled).verdict == .proved)
    }

    @Test("history was looked at => sizes, and whether anything listed was written since")
    func history() {
        let history = EtcdHistory(
            oldest: 1200, newest: 4567, resources: [],
            members: [
                EtcdMember(name: "cp1", bytes: 12_345_678, used: 4_000_000, host: HostName("cp1")),
                EtcdMember(name: "elsewhere", bytes: 1_000_000, used: 1_000_000, host: HostName("cp2")),
            ], logs: [HostName("cp1"): EtcdLog(files: 2, bytes: 128_000_000)])
        let text = VerifyText(report: report(.managed.remembering(history))).render()
        #expect(
            text.contains(
                """

                ETCD MEMBER  DATABASE  FREE PAGES  WRITE-AHEAD LOG
                cp1          12.3 MB   8.3 MB      2 files, 128.0 MB
                elsewhere    1.0 MB    0.0 MB      -
                Old revisions are kept from 1,200 to 4,567; of what is listed above none was written since. Free pages and the log keep older bytes.

                Proved:
                """), "\(text)")
        let written = EtcdHistory(
            oldest: 1200, newest: 4567, resources: [.secrets], members: [], logs: [:])
        #expect(HistoryText(history: written).render().contains("to 4,567; written since: secrets. Free pages"))
        let unknown = VerifyReportTests.withoutHistory(because: "no etcd answers")
        #expect(VerifyText(report: report(unknown)).render().contains("\nHistory is not known:\n  no etcd answers\n"))
        #expect(report(unknown).verdict == .proved)
    }

    private static func withoutHistory(because reason: String) -> ClusterSighting {
        var sighting = ClusterSighting.managed
        sighting.history = .unknown(reason: reason)
        return sighting
    }

    @Test("some objects are stored otherwise => how many, the names of some, how many more; not proved")
    func odd() {
        let names = (0..<StoredCensus.exampleLimit).map { "demo/s\(100 + $0)" }
        let sighting = ClusterSighting.managed.storing(
            [key.storedForm: 5, .plaintext: 22],
            examples: [.plaintext: names.reversed(), key.storedForm: ["demo/right"]])
        #expect(report(sighting).verdict == .different)
        let text = VerifyText(report: report(sighting)).render()
        #expect(
            text.hasPrefix(
                """
                RESOURCE  OBJECTS  STORED AS                           DECLARED
                secrets   22       plain text                          no: aescbc:atrest-20260101T000000-aaaa
                secrets   5        aescbc:atrest-20260101T000000-aaaa  yes

                secrets stored as plain text:
                  demo/s100
                  demo/s101

                """))
        #expect(text.contains("  demo/s119\n  and 2 more\n\nDifferent:\n  secrets: 22 objects stored as plain text\n"))
        #expect(!text.contains("demo/right") && text.hasSuffix("\nNot stored as declared.\n"))
    }

    @Test("a cluster that is otherwise than the manifest asks => different, whatever etcd holds")
    func declared() {
        #expect(
            report(.disabled).differences
                == [
                    "the manifest asks for one managed key for secrets, and the hosts write: cp1 as plain text, cp2 as plain text",
                    "secrets: 3 objects stored as plain text",
                ])
        #expect(
            report(.managed, .disabled).differences == [
                "cp1 writes secrets with \(key)", "cp2 writes secrets with \(key)",
                "secrets: 2,000 objects stored as \(key)",
            ])
    }

    @Test("hosts that write with different keys => different, also where all is stored under one")
    func writers() {
        let sighting = ClusterSighting.holding(
            [[key, .identity], [.identity, key]], stored: [key.storedForm: 3])
        #expect(
            report(sighting).differences
                == [
                    "the manifest asks for one managed key for secrets, and the hosts write: cp1 with \(key), cp2 as plain text"
                ])
        let loaded = ClusterSighting.managed.changing(1) { $0.host.loaded = .before(.unencrypted) }
        #expect(report(loaded).verdict == .different)
        let lost = ClusterSighting.managed.changing(1) { $0.host.file = .absent }
        #expect(report(lost).differences.contains("cp2: the configuration file is missing"))
    }

    @Test(
        "a custom configuration => each resource under its first provider; the same name with another secret is another key"
    )
    func custom() throws {
        func declared(_ secret: String) throws -> DeclaredEncryption {
            let key = "{aescbc: {keys: [{name: a, secret: \(secret)}]}}"
            return try declaring(
                "{resources: [secrets], providers: [\(key), {identity: {}}]}, "
                    + "{resources: [configmaps], providers: [{identity: {}}, \(key)]}")
        }
        let right = try declared("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        let form = StoredForm.encrypted(scheme: "aescbc:v1", name: "a")
        var sighting = try sighting(holding: right)
        sighting.stored = .known(
            [
                .secrets: StoredCensus(counts: [form: 3]),
                ResourceName("configmaps"): StoredCensus(counts: [.plaintext: 1]),
            ],
            unexamined: [])
        #expect(report(sighting, right).verdict == .proved)
        let other = try declared("ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=")
        #expect(
            report(sighting, other).differences
                == ["cp1", "cp2"].map { "\($0) writes secrets with another secret named aescbc:a" })
    }

    @Test(
        "a wildcard => what it covers is proved, what it has none of is left out, a host without it is one difference")
    func wildcard() throws {
        let declared = try declaring(
            "{resources: ['*.*'], providers: [{aescbc: {keys: [{name: a, secret: MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=}]}}]}"
        )
        let form = StoredForm.encrypted(scheme: "aescbc:v1", name: "a")
        var sighting = try sighting(holding: declared)
        let pods = ResourceName("pods")
        sighting.stored = .known(
            [
                .secrets: StoredCensus(counts: [form: 3]), pods: StoredCensus(counts: [form: 1]),
                ResourceName("jobs.batch"): StoredCensus(),
            ], unexamined: [])
        #expect(report(sighting, declared).verdict == .proved)
        let text = VerifyText(report: report(sighting, declared)).render()
        #expect(text.contains("pods ") && !text.contains("jobs.batch"))
        var plain = sighting
        plain.stored = .known([pods: StoredCensus(counts: [.plaintext: 2])], unexamined: [])
        #expect(report(plain, declared).differences == ["pods: 2 objects stored as plain text"])
        let without = sighting.changing(1) { $0.host.file = .absent }.changing(1) { $0.host.isFlagged = false }
        #expect(report(without, declared).differences == ["cp2 writes *.* as plain text"])
    }

    @Test("a host, etcd or an old API server that cannot be known => not proved; a difference counts for more")
    func unproved() {
        let down = ClusterSighting.managed.losing(1, because: "\"cp2\" cannot be reached")
        #expect(report(down).verdict == .unproved)
        #expect(
            VerifyText(report: report(down)).render().hasSuffix(
                """

                Not known:
                  "cp2" cannot be reached

                Not proved: what could be seen is stored as declared.

                """))
        #expect(report(down.storing([.plaintext: 1, key.storedForm: 1])).verdict == .different)
        var silent = ClusterSighting.managed
        silent.stored = .unknown(reason: "etcd has its gateway off")
        #expect(report(silent).verdict == .unproved)
        silent.stored = .known([.secrets: StoredCensus()], unexamined: [ResourceName("*.*")])
        #expect(report(silent).verdict == .unproved)
        #expect(report(ClusterSighting.managed.changing(0) { $0.host.lingering = .unknown }).verdict == .unproved)
    }

    @Test("a stored key that no host has => named")
    func missing() {
        let sighting = ClusterSighting.managed.storing([Self.old: 5])
        #expect(
            report(sighting).differences.first?.hasPrefix("etcd holds secrets stored under aescbc:old, and") == true)
        #expect(report(sighting).verdict == .different)
    }

    @Test("nobody can know what an API server has loaded, as with KubeOne's => proved, and said")
    func adopted() {
        let report = report(ClusterSighting.managed.changing(1) { $0.host.loaded = .unknown })
        #expect(report.verdict == .proved)
        #expect(
            report.notes.count == 1 && report.notes[0].hasPrefix("cp2: what its API server has loaded is not known"))
        let fileless = ClusterSighting.managed.changing(1) {
            $0.host.loaded = .unknown
            $0.host.file = .absent
        }
        #expect(self.report(fileless).notes.isEmpty)
    }

    @Test("a KMS => proved, and that etcd does not show which of its keys; a manifest without it => different")
    func kms() throws {
        let kms = Key.kms(version: .v2, name: "vault", endpoint: "unix:///run/kms.sock")
        let sighting = ClusterSighting.holding([[kms], [kms]], stored: [kms.storedForm: 1])
        let wish =
            "{resources: [secrets], providers: [{kms: {apiVersion: v2, name: vault, endpoint: unix:///run/kms.sock}}]}"
        let report = report(sighting, try declaring(wish))
        #expect(report.verdict == .proved)
        #expect(report.notes.count == 1 && report.notes[0].contains("kms:vault"))
        #expect(
            self.report(sighting).differences == [
                "the manifest asks for one managed key for secrets, and the hosts write: cp1 with kms:vault, cp2 with kms:vault"
            ])
    }

    @Test("JSON => the same facts under stable names")
    func json() throws {
        let sighting = ClusterSighting.managed.storing(
            [key.storedForm: 5, Self.old: 1], examples: [Self.old: ["demo/a"]])
        let text = try jsonText(VerifyJSON(report(sighting)))
        #expect(
            text.contains(
                """
                  "resources" : [
                    {
                      "declaredAs" : "aescbc:atrest-20260101T000000-aaaa",
                      "name" : "secrets",
                      "objects" : 6,
                      "stored" : [
                        {
                          "isAsDeclared" : true,
                          "isKeyMissing" : false,
                          "objects" : 5,
                          "storedAs" : "aescbc:atrest-20260101T000000-aaaa"
                        },
                        {
                          "isAsDeclared" : false,
                          "isKeyMissing" : true,
                          "names" : [
                            "demo/a"
                          ],
                          "objects" : 1,
                          "storedAs" : "aescbc:old"
                        }
                      ]
                    }
                  ],
                """))
        #expect(text.contains("\"verdict\" : \"different\"") && text.contains("\"cluster\" : \"k1\""))
    }

    @Test("the command line => the same inputs as plan, and a format")
    func parses() throws {
        let command = try #require(
            try AtRest.parseAsRoot(["verify", "--manifest", "a.yaml", "--tfjson", "b", "--output", "json"])
                as? VerifyCommand)
        #expect(command.input.manifest == "a.yaml" && command.input.tfjson == "b" && command.format == .json)
    }
}
