import Reconciliation
import Testing

@testable import AtRestCommands

/// What a plan says of the state in which it found the cluster.
@Suite struct FoundTextTests {
    static let fresh = Key.local(
        provider: .aescbc, name: "atrest-20270101T000000-ffff", fingerprint: Fingerprint("ff"))

    private func text(_ cluster: ObservedCluster, _ desired: DesiredEncryption) throws -> [Substring] {
        PlanText(report: try PlanTextTests.report(cluster, desired, freshKey: Self.fresh)).render()
            .split(separator: "\n")
    }

    private func line(_ host: String, of cluster: ObservedCluster) throws -> String {
        String(try #require(try text(cluster, .managed(rotate: false)).first { $0.contains("~ \(host)  ") }))
    }

    private func holding(_ first: [Key], _ second: [Key], stored: Set<StoredForm>) -> ObservedCluster {
        var cluster = EncryptionRequestTests.cluster()
        for (index, keys) in [first, second].enumerated() {
            cluster.hosts[index].file = .present(
                EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: keys)]), digest: "")
        }
        cluster.stored = [.secrets: StoredObjects(count: 3, forms: stored)]
        return cluster
    }

    private static let one = PlanTextTests.key
    private static let two = Key.local(
        provider: .secretbox, name: "atrest-20260601T000000-bbbb", fingerprint: .init("02"))

    @Test("an operation that was cut short => which, and what becomes of it under the wish of now")
    func interruptions() throws {
        let rotation = holding([Self.one, Self.two, .identity], [Self.one, .identity], stored: [Self.one.storedForm])
        #expect(try text(rotation, .managed(rotate: false))[1] == "Interrupted rotation found: finishing it.")
        #expect(
            try text(rotation, .disabled)[1]
                == "Interrupted rotation found: the manifest now asks for plain text, which needs none of the keys.")
        let enable = holding([Self.one, .identity], [.identity, Self.one], stored: [.plaintext])
        #expect(try text(enable, .managed(rotate: false))[1] == "Interrupted enable found: finishing it.")
        #expect(
            try text(enable, .disabled)[1]
                == "Interrupted enable found: the manifest now asks for plain text, so it is taken back.")
        let disable = holding([.identity, Self.one], [Self.one, .identity], stored: [Self.one.storedForm])
        #expect(try text(disable, .disabled)[1] == "Interrupted disable found: finishing it.")
        #expect(
            try text(disable, .managed(rotate: false))[1]
                == "Interrupted disable found: the manifest now asks for encryption, so it is taken back.")
        let either = holding([.identity, Self.one], [.identity, Self.one], stored: [.plaintext])
        #expect(try text(either, .disabled)[1] == "An operation that was cut short was found: finishing it.")
        let away = holding([Self.two, .identity], [Self.one, .identity], stored: [Self.two.storedForm])
        #expect(
            try text(away, .managed(rotate: false))[1]
                == "Different keys found in the hosts' files: bringing all hosts to one.")
    }

    @Test("drift => each difference in the line of its host, and not said to be an interruption")
    func drift() throws {
        var cluster = EncryptionRequestTests.cluster()
        cluster.hosts[1].drift = [
            "\"/etc/x\" has mode 644 instead of 600", "\"/etc/x\" belongs to 1:1 instead of root",
        ]
        let found = "\"/etc/x\" has mode 644 instead of 600; \"/etc/x\" belongs to 1:1 instead of root"
        #expect(try line("cp2", of: cluster).hasSuffix("restart kube-apiserver (\(found))"))
        #expect(!(try text(cluster, .managed(rotate: false)).contains { $0.contains("found") }))
    }

    @Test("a missing file, a missing flag => said of that host, and the host's other steps have their own reasons")
    func missing() throws {
        var cluster = EncryptionRequestTests.cluster()
        cluster.hosts[1].file = .absent
        cluster.hosts[1].loaded = .notRunning
        cluster.hosts[1].health = .repairable(failing: ["kube-apiserver does not run"])
        #expect(
            try line("cp2", of: cluster).hasSuffix(
                "(the configuration file is missing; fails kube-apiserver does not run)"))
        cluster = EncryptionRequestTests.cluster()
        cluster.hosts[1].isFlagged = false
        #expect(
            try line("cp2", of: cluster).hasSuffix("(the flag is missing from its manifest (a kubeadm upgrade?))"))
    }

    @Test("a file that no API server can load => its place and reason, in the plan and in a refusal")
    func unusable() throws {
        var cluster = EncryptionRequestTests.cluster()
        cluster.hosts[1].file = .unusable(reason: "/etc/x.yaml:3:7: \"keys\" is missing")
        cluster.hosts[1].loaded = .unknown
        let words = "no API server can load the configuration file: /etc/x.yaml:3:7: \"keys\" is missing"
        #expect(try line("cp2", of: cluster).hasSuffix("(\(words))"))
        let refused = RefusedAsFound(refusal: .nothingToRotate, observed: cluster, searched: nil)
        #expect("\(refused)" == "\(Refusal.nothingToRotate)\n  found on cp2: \(words)")
    }

    @Test("what is loaded differs from the disk, or nobody knows => said")
    func loaded() throws {
        var cluster = EncryptionRequestTests.cluster()
        cluster.hosts[1].loaded = .before(.unencrypted)
        #expect(try line("cp2", of: cluster).hasSuffix("(has not loaded what is on its disk)"))
        cluster.stored[.secrets]?.forms.insert(.plaintext)
        cluster.hosts[1].loaded = .unknown
        #expect(try line("cp2", of: cluster).hasSuffix("(nobody can know what it has loaded)"))
    }
}
