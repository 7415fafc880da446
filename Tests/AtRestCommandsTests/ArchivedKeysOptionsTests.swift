import ArgumentParser
import ControlPlane
import Foundation
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct ArchivedKeysOptionsTests {
    @Test(
        "an archive without the key that opens it, or the key without an archive => wrong usage that says what to add",
        arguments: [
            (["--with-archived-keys", "/k"], "add --key-archive-key KEY.pem"),
            (["--key-archive-key", "/k.pem"], "add --with-archived-keys DIR"),
        ])
    func half(arguments: [String], words: String) throws {
        for command in [["apply"], ["plan"]] {
            let error = try #require(throws: (any Error).self) { try AtRest.parseAsRoot(command + arguments) }
            #expect(AtRest.exitCode(for: error).rawValue == 64)
            #expect(AtRest.message(for: error).contains(words))
        }
    }

    @Test("neither => no archive; both => refused where the key or the archive cannot be read")
    func both() throws {
        let none = try ArchivedKeysOptions.parse([]).keys(of: "k1")
        #expect(none == nil)
        let options = try ArchivedKeysOptions.parse(["--with-archived-keys", "/none", "--key-archive-key", "/none.pem"])
        #expect(throws: UnusableDecryptionKey.self) { _ = try options.keys(of: "k1") }
    }

    @Test("a key from the archive => the plan says which, from which file and why, and that it goes again")
    func planned() throws {
        let old = Key.local(provider: .aescbc, name: "atrest-20250101T000000-zzzz", fingerprint: Fingerprint("02"))
        var cluster = PlanTextTests.unencrypted
        cluster.stored = [.secrets: StoredObjects(count: 7, forms: [old.storedForm])]
        for index in cluster.hosts.indices { cluster.hosts[index].health = .repairable(failing: ["informer-sync"]) }
        let unused = Key.local(provider: .aescbc, name: "unused", fingerprint: Fingerprint("03"))
        cluster.archivedKeys = [old: "/k/k1/old.cms.pem", unused: "/k/k1/unused.cms.pem"]
        let text = try PlanTextTests().text(cluster, .managed(rotate: false))
        let lines = text.split(separator: "\n")
        #expect(
            lines[1] == """
                etcd holds secrets stored under aescbc:atrest-20250101T000000-zzzz, which is on no host: it is taken from the \
                archive, /k/k1/old.cms.pem, and dropped once all is rewritten.
                """)
        #expect(!text.contains("unused"))
        #expect(
            text.contains(
                """
                  ~ aescbc:atrest-20250101T000000-zzzz  375d old, from the archive, dropped at the end

                Round 1: every API server can read what any will write
                  ~ cp1  secrets: write identity, read …zzzz, …aaaa; restart kube-apiserver (cannot read …zzzz, …aaaa \
                yet; fails informer-sync)

                """), "\(text)")
        #expect(text.contains("Round 4: remove what nothing needs\n  ~ cp1  secrets: write …aaaa, "))
    }

    @Test("a key that is in no file of the archive either => the refusal says where it was looked for")
    func notThere() {
        let form = StoredForm.encrypted(scheme: "aescbc:v1", name: "k9")
        let refusal = Refusal.keyMissing(form, resource: .secrets, unknown: [])
        let refused = RefusedAsFound(refusal: refusal, observed: PlanTextTests.unencrypted, searched: "/k/k1")
        #expect("\(refused)" == "\(refusal)\n  not found in /k/k1: a file with the key aescbc:k9")
        #expect("\(refusal)".contains("add --with-archived-keys DIR --key-archive-key KEY.pem"))
    }
}
