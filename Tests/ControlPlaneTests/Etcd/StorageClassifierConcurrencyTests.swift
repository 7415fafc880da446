import ControlPlane
import Reconciliation
import Synchronization
import TestSupport
import Testing

@Suite(.etcd) struct StorageClassifierConcurrencyTests {
    let etcd: TestEtcd

    private static let one = StoredForm.encrypted(scheme: "aescbc:v1", name: "one")
    private static let two = StoredForm.encrypted(scheme: "aescbc:v1", name: "two")

    init() throws {
        etcd = try #require(TestEtcd.shared)
    }

    @Test("an object is written anew while its value is compared => listed again, and the truth of then")
    func rewritten() async throws {
        try await etcd.put("/rewritten/a", "k8s:enc:aescbc:v1:one:x")
        try await etcd.put("/rewritten/b", "k8s\u{0}")
        let writes = Mutex(2)
        let channel = etcd.channel.preceded { [etcd] body in
            guard body.contains(#""MOD""#),
                writes.withLock({
                    $0 -= 1
                    return $0 >= 0
                })
            else { return }
            try await etcd.put("/rewritten/a", "k8s:enc:aescbc:v1:two:x")
        }
        let census = try await StorageClassifier(gateway: etcd.gateway(through: channel)).classify(
            KeyRange(directory: "/rewritten/"), knownForms: [Self.one, Self.two])
        #expect(census.counts == [.plaintext: 1, Self.two: 1])
        #expect(writes.withLock { $0 } < 0)
    }

    @Test("an object is deleted while its value is compared => it is not counted")
    func deleted() async throws {
        try await etcd.put("/deleted/a", "k8s:enc:aescbc:v1:one:x")
        try await etcd.put("/deleted/b", "k8s\u{0}")
        let channel = etcd.channel.preceded { [etcd] body in
            if body.contains(#""MOD""#) { try await etcd.delete("/deleted/a") }
        }
        let census = try await StorageClassifier(gateway: etcd.gateway(through: channel)).classify(
            KeyRange(directory: "/deleted/"), knownForms: [])
        #expect(census.counts == [.plaintext: 1])
    }

    @Test("an object that is never left alone => an error that names it, not a run without end")
    func restless() async throws {
        try await etcd.put("/restless/a", "k8s:enc:aescbc:v1:one:x")
        try await etcd.put("/restless/b", "k8s\u{0}")
        let channel = etcd.channel.preceded { [etcd] body in
            if body.contains(#""MOD""#) { try await etcd.put("/restless/a", "k8s:enc:aescbc:v1:one:y") }
        }
        let gateway = try await etcd.gateway(through: channel)
        await #expect(throws: EtcdFailure.restless(member: "cp1", key: "/restless/a")) {
            try await StorageClassifier(gateway: gateway).classify(KeyRange(directory: "/restless/"), knownForms: [])
        }
    }

    @Test("writers at work all the time => what nobody touches is counted right, and no object is missed")
    func writers() async throws {
        let still = Dictionary(
            uniqueKeysWithValues: (0..<700).map { ("/writers/\(1000 + $0)", Array("k8s:enc:aescbc:v1:one:x".utf8)) })
        try await etcd.put(still)
        let moving = (0..<40).map { "/writers/\(1000 + $0 * 17)-moving" }
        for key in moving { try await etcd.put(key, "k8s\u{0}") }

        let classifier = try await etcd.classifier()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [etcd] in
                var random = SplitMix(seed: 7)
                while !Task.isCancelled {
                    guard let key = moving.randomElement(using: &random) else { return }
                    try await etcd.put(key, Bool.random(using: &random) ? "k8s\u{0}" : "k8s:enc:aescbc:v1:two:x")
                    try await etcd.put("/writers/\(Int.random(in: 1000...1999, using: &random))-new", "k8s\u{0}")
                }
            }
            for _ in 0..<5 {
                let census = try await classifier.classify(
                    KeyRange(directory: "/writers/"), knownForms: [Self.one, Self.two], expecting: Self.one)
                #expect(census.counts[Self.one] == 700)
                #expect(census.objects.count >= 740)
                #expect(census.objects.forms.isSubset(of: [.plaintext, Self.one, Self.two]))
                #expect(census.counts.values.reduce(0, +) == census.objects.count)
            }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }
}
