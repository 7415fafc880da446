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

    func text(_ cluster: ObservedCluster, _ desired: DesiredEncryption, notes: [String] = []) throws -> String {
        PlanText(
            clusterName: "k1", observed: cluster, intent: EncryptionIntent(desired: desired, notes: notes),
            plan: try Plan(from: cluster, to: desired, freshKey: Self.key)
        ).render()
    }

    @Test("enable => each host in each round, with its reason")
    func enable() throws {
        #expect(
            try text(Self.unencrypted, .managed(rotate: false)) == """
                Cluster "k1", 2 control-plane hosts: 2,003 secrets stored as plain text.

                Round 1: every API server can read what any will write
                  ~ cp1  secrets: write identity, read aescbc:atrest-20260101T000000-aaaa; restart kube-apiserver \
                (cannot read aescbc:atrest-20260101T000000-aaaa yet)
                  ~ cp2  secrets: write identity, read aescbc:atrest-20260101T000000-aaaa; restart kube-apiserver \
                (cannot read aescbc:atrest-20260101T000000-aaaa yet)
                kubeadm-config: what an upgrade or a join would otherwise drop
                  ~ add the flag and the volumes to the kubeadm-config ConfigMap
                Barrier: no process is left that does not know better
                    wait until the old API servers of cp1, cp2 are gone
                Round 2: every API server writes with the wanted key
                  ~ cp1  secrets: write aescbc:atrest-20260101T000000-aaaa, read identity; restart kube-apiserver \
                (writes with identity)
                  ~ cp2  secrets: write aescbc:atrest-20260101T000000-aaaa, read identity; restart kube-apiserver \
                (writes with identity)
                Round 3: rewrite what is stored
                  ~ 2,003 secrets → aescbc:atrest-20260101T000000-aaaa
                Barrier: no process is left that does not know better
                    wait until the old API servers of cp1, cp2 are gone

                Plan: 4 restarts of an API server, one at a time; 2,003 objects to rewrite.

                """)
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
