import ControlPlane
import Reconciliation
import TestSupport
import Testing

@Suite(.etcd) struct StalePartTests {
    let etcd: TestEtcd

    init() throws {
        etcd = try #require(TestEtcd.shared)
    }

    private static let wanted = StoredForm.encrypted(scheme: "aescbc:v1", name: "key-m")
    private static let values = [
        "k8s\u{0}plain", "{}", "k8s:enc:aescbc:v1:key-a:x", "k8s:enc:aescbc:v1:key-m:x", "k8s:enc:aescbc:v1:key-z:x",
        "k8s:enc:kms:v2:key-m:x", "k8s:enc:secretbox:v1:key-m:x",
    ]

    /// All parts of a directory.
    private func parts(
        of directory: String, isNamespaced: Bool = true, through channel: HTTPChannel? = nil,
        notStoredAs wanted: StoredForm?
    ) async throws -> [StalePart] {
        let directory = KeyRange(directory: directory)
        let classifier = StorageClassifier(gateway: try await etcd.gateway(through: channel))
        var parts: [StalePart] = []
        var rest: KeyRange? = directory
        while let range = rest {
            let part = try await classifier.firstPart(
                of: range, below: directory, isNamespaced: isNamespaced, notStoredAs: wanted)
            parts.append(part)
            rest = part.rest
        }
        return parts
    }

    @Test(
        "all kinds of values, several parts => exactly those that are stored otherwise",
        arguments: [wanted, .plaintext, nil, .encrypted(scheme: "kms:v2", name: "key-m")])
    func mixed(wanted: StoredForm?) async throws {
        let directory = "/mixed-\(wanted?.prefix ?? "\(wanted == nil)")/"
        var stored: [String: [UInt8]] = [:]
        var stale: Set<ObjectName> = []
        for number in 0..<1200 {
            let value = Self.values[number % Self.values.count]
            stored["\(directory)ns-\(number % 3)/s\(number)"] = Array(value.utf8)
            let isFresh = wanted.map { $0.prefix.map(value.hasPrefix) ?? !value.hasPrefix("k8s:enc:") } ?? false
            if !isFresh { stale.insert(ObjectName(namespace: "ns-\(number % 3)", name: "s\(number)")) }
        }
        try await etcd.put(stored)
        let parts = try await parts(of: directory, notStoredAs: wanted)
        #expect(parts.count == 3)
        #expect(parts.map(\.count) == [1200, 700, 200])
        let found = parts.flatMap(\.stale)
        #expect(found.count == stale.count && Set(found) == stale)
        #expect(parts.reduce(0) { $0 + $1.fresh } == 1200 - stale.count)
    }

    @Test("a part that is stored alike => four requests, and no value in any answer", arguments: values.indices)
    func uniform(index: Int) async throws {
        let value = Self.values[index]
        try await etcd.put(
            Dictionary(uniqueKeysWithValues: (0..<100).map { ("/uniform-\(index)/a/s\($0)", Array(value.utf8)) }))
        let traffic = Traffic()
        let channel = etcd.channel.recording(in: traffic)
        let parts = try await parts(of: "/uniform-\(index)/", through: channel, notStoredAs: Self.wanted)
        #expect(parts.map(\.stale.count) == [value.hasPrefix("k8s:enc:aescbc:v1:key-m:") ? 0 : 100])
        // One of them asks which cluster it is.
        #expect(traffic.exchanges.count == 5)
        #expect(!traffic.exchanges.contains { $0.response.contains(base64(Array(value.utf8))) })
    }

    @Test("no objects => none, and the end")
    func empty() async throws {
        let parts = try await parts(of: "/nothing-here/", notStoredAs: Self.wanted)
        #expect(parts.map(\.stale.count) == [0] && parts.map(\.fresh) == [0])
    }

    @Test("objects that change while they are told apart => none that was stale before is left out")
    func changing() async throws {
        let names = (0..<60).map { "/changing/a/s\($0)" }
        try await etcd.put(
            Dictionary(
                uniqueKeysWithValues: names.enumerated().map { ($1, Array(Self.values[$0 % 2 == 0 ? 2 : 3].utf8)) }))
        let before = try #require(try await parts(of: "/changing/", notStoredAs: Self.wanted).first).stale
        let changes = Counter()
        let channel = etcd.channel.preceded { [etcd] body in
            guard body.contains("compare") else { return }
            let number = changes.next()
            try await etcd.put(names[number % 60], Self.values[number % 2 == 0 ? 2 : 3])
        }
        let found = try #require(
            try await parts(of: "/changing/", through: channel, notStoredAs: Self.wanted).first)
        let after = try #require(try await parts(of: "/changing/", notStoredAs: Self.wanted).first).stale
        #expect(before.count == 30 && changes.count > 3)
        #expect(Set(found.stale).isSuperset(of: Set(before).intersection(after)))
    }

    @Test("a resource that belongs to no namespace, and keys that are no object's => names without a namespace")
    func clusterScoped() async throws {
        for key in ["a", "system:b%", "c/d", ""] { try await etcd.put("/classes/" + key, "{}") }
        let parts = try await parts(of: "/classes/", isNamespaced: false, notStoredAs: Self.wanted)
        #expect(
            parts.flatMap(\.stale) == [
                ObjectName(namespace: nil, name: "a"), ObjectName(namespace: nil, name: "system:b%"),
            ])
    }
}
