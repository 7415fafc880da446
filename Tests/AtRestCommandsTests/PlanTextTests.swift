import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct PlanTextTests {
    static let key = Key.local(
        provider: .aescbc, name: "atrest-20260101T000000-aaaa", fingerprint: Fingerprint("01"))

    static let unencrypted = ObservedCluster(
        hosts: ["cp1", "cp2"].map {
            ObservedHost(name: HostName($0), file: .absent, isFlagged: false, loaded: .disk)
        },
        stored: [.secrets: StoredObjects(count: 2003, forms: [.plaintext])], kubeadm: .absent)

    /// A report as `plan` makes one ten days after the key of this suite.
    static func report(
        _ cluster: ObservedCluster, _ desired: DesiredEncryption, freshKey: Key = key, notes: [String] = []
    ) throws -> PlanReport {
        PlanReport(
            clusterName: "k1", observed: cluster, intent: EncryptionIntent(desired: desired, notes: notes),
            plan: try Plan(from: cluster, to: desired, freshKey: freshKey), freshKey: freshKey,
            now: EncryptionRequestTests.now)
    }

    func text(_ cluster: ObservedCluster, _ desired: DesiredEncryption, notes: [String] = []) throws -> String {
        PlanText(report: try Self.report(cluster, desired, notes: notes)).render()
    }

    @Test("enable => the keys once, each host in each round with its reason, what etcd gets, one line that sums it up")
    func enable() throws {
        var cluster = Self.unencrypted
        cluster.room = StorageRoom(
            size: 12_000_000, used: 9_000_000, quota: 2_147_483_648, bytesPerObject: 1500)
        #expect(
            try text(cluster, .managed(rotate: false)) == """
                Cluster "k1", 2 control-plane hosts: 2,003 secrets stored as plain text.

                Keys:
                  + aescbc:atrest-20260101T000000-aaaa  new, will write secrets
                  ~ identity                            plain text, now writes secrets, stays readable

                Round 1: every API server can read what any will write
                  ~ cp1  secrets: write identity, read …aaaa; restart kube-apiserver (cannot read …aaaa yet)
                  ~ cp2  secrets: write identity, read …aaaa; restart kube-apiserver (cannot read …aaaa yet)
                  ~ kubeadm-config  add the flag and the volumes (an upgrade or a join would drop them)
                    wait until the old API servers of cp1, cp2 are gone

                Round 2: every API server writes with the wanted key
                  ~ cp1  secrets: write …aaaa, read identity; restart kube-apiserver (writes with identity)
                  ~ cp2  secrets: write …aaaa, read identity; restart kube-apiserver (writes with identity)

                Round 3: rewrite what is stored
                  ~ 2,003 secrets → …aaaa (stored as plain text)
                    etcd: about 3.0 MB more, by the mean size of an object; it has 12.0 MB, its quota is 2,147.5 MB
                    2,003 watch events; 2,003 requests in the audit log, where there is one
                    wait until the old API servers of cp1, cp2 are gone

                Plan: 2 restarts a host, one at a time, 2,003 objects to rewrite, reads go on.

                """)
    }

    @Test("history is to be purged => a section of its own behind everything else, each member's size")
    func purge() throws {
        var cluster = EncryptionRequestTests.cluster()
        cluster.toPurge = ["cp1", "cp2"].map {
            EtcdMember(name: $0, bytes: 12_345_678, used: 9, host: HostName($0))
        }
        let text = try text(cluster, .managed(rotate: false))
        #expect(
            text.hasSuffix(
                """

                History: what etcd keeps of objects as they were before their last write
                    watches that lag behind end; a member answers nothing while it writes its database
                  ~ etcd member cp1  compact, and write its database of 12.3 MB anew (--purge-history)
                  ~ etcd member cp2  compact, and write its database of 12.3 MB anew (--purge-history)

                Plan: no restart, reads go on.

                """), "\(text)")
    }

    @Test("rotate => the ages; the old key goes at the end, in a round of its own")
    func rotate() throws {
        let fresh = FoundTextTests.fresh
        let cluster = EncryptionRequestTests.cluster()
        let report = try Self.report(cluster, .managed(rotate: true), freshKey: fresh)
        let text = PlanText(report: report).render()
        #expect(
            text.contains(
                """
                Keys:
                  + aescbc:atrest-20270101T000000-ffff  new, will write secrets
                  - aescbc:atrest-20260101T000000-aaaa  10d old, now writes secrets, dropped at the end

                """), "\(text)")
        #expect(
            text.contains(
                """
                Round 4: remove what nothing needs
                  ~ cp1  secrets: write …ffff, read identity; restart kube-apiserver (has more than the manifest asks for)
                """), "\(text)")
        #expect(text.hasSuffix("\nPlan: 3 restarts a host, one at a time, 3 objects to rewrite, reads go on.\n"))
    }

    @Test("one host => nothing is said to go on; one of two hosts => it is named")
    func summary() throws {
        var cluster = Self.unencrypted
        cluster.hosts.removeLast()
        let last = "Plan: 2 restarts, 2,003 objects to rewrite, no API while its only server restarts.\n"
        #expect(try text(cluster, .managed(rotate: false)).hasSuffix(last))
        cluster = EncryptionRequestTests.cluster()
        cluster.hosts[1].drift = ["another mode"]
        #expect(try text(cluster, .managed(rotate: false)).hasSuffix("\nPlan: 1 restart of cp2, reads go on.\n"))
    }

    @Test("on a terminal => Terraform's colours: added green, changed yellow, taken away red")
    func colors() throws {
        let report = try Self.report(
            EncryptionRequestTests.cluster(), .managed(rotate: true), freshKey: FoundTextTests.fresh)
        let text = PlanText(report: report, style: .colored).render()
        for line in [
            "  \u{1B}[32m+\u{1B}[0m aescbc:atrest-20270101T000000-ffff  new",
            "  \u{1B}[31m-\u{1B}[0m aescbc:atrest-20260101T000000-aaaa  10d old",
            "  \u{1B}[33m~\u{1B}[0m cp1  secrets: ", "\n\u{1B}[1mPlan:\u{1B}[0m 3 restarts",
        ] {
            #expect(text.contains(line), "\(text)")
        }
        #expect(!PlanText(report: report).render().contains("\u{1B}"))
    }

    @Test("nothing to change => one line that says what is stored")
    func noop() throws {
        #expect(try text(Self.unencrypted, .disabled) == "Nothing to do: 2,003 secrets stored as plain text.\n")
    }

    @Test("notes => below the first line, also where nothing is to do")
    func notes() throws {
        #expect(
            try text(Self.unencrypted, .disabled, notes: ["It stays."])
                == "Nothing to do: 2,003 secrets stored as plain text.\nIt stays.\n")
        let lines = try text(Self.unencrypted, .managed(rotate: false), notes: ["A note."]).split(separator: "\n")
        #expect(lines[1] == "A note.")
    }

    @Test("counts are grouped", arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")])
    func counts(number: Int, text: String) {
        #expect(grouped(number) == text)
    }
}
