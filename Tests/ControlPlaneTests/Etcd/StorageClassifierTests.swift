import ControlPlane
import Reconciliation
import TestSupport
import Testing

@Suite(.etcd) struct StorageClassifierTests {
    let etcd: TestEtcd

    init() throws {
        etcd = try #require(TestEtcd.shared)
    }

    private static let fresh = StoredForm.encrypted(scheme: "aescbc:v1", name: "atrest-20261121T101112-ab12")
    private static let old = StoredForm.encrypted(scheme: "secretbox:v1", name: "old")

    @Test("an empty range => no objects, no forms", arguments: [nil, StoredForm.plaintext, fresh])
    func empty(wanted: StoredForm?) async throws {
        let census = try await etcd.classifier().classify(
            KeyRange(directory: "/empty/"), knownForms: [.plaintext], expecting: wanted)
        #expect(census.objects == StoredObjects(count: 0, forms: []))
        #expect(census.counts.isEmpty)
    }

    @Test("plain text below and above the encrypted values => one form", arguments: [nil, StoredForm.plaintext, fresh])
    func plaintext(wanted: StoredForm?) async throws {
        let directory = "/plain-\(wanted?.prefix ?? "\(wanted == nil)")/"
        try await etcd.put(directory + "protobuf", "k8s\u{0}rest")
        try await etcd.put(directory + "json", "{}")
        let census = try await etcd.classifier().classify(
            KeyRange(directory: directory), knownForms: [], expecting: wanted)
        #expect(census.objects == StoredObjects(count: 2, forms: [.plaintext]))
    }

    @Test("names of which one with its colon begins the other => both may be there, and only where they may")
    func nestedNames() async throws {
        let outer = StoredForm.encrypted(scheme: "aescbc:v1", name: "foo")
        let inner = StoredForm.encrypted(scheme: "aescbc:v1", name: "foo:bar")
        let range = KeyRange(directory: "/nested/")
        let classifier = try await etcd.classifier()
        try await etcd.put("/nested/a", "k8s:enc:aescbc:v1:foo:bar:x")
        for wanted in [nil, outer, inner] {
            let census = try await classifier.classify(range, knownForms: [outer, inner], expecting: wanted)
            #expect(census.objects == StoredObjects(count: 1, forms: [outer, inner]))
            #expect(census.counts == [inner: 1])
        }
        try await etcd.put("/nested/a", "k8s:enc:aescbc:v1:foo:zzz")
        for wanted in [nil, outer, inner] {
            let census = try await classifier.classify(range, knownForms: [outer, inner], expecting: wanted)
            #expect(census.objects == StoredObjects(count: 1, forms: [outer]))
        }
    }

    @Test("a name that is not known begins a known one => the known one is seen too")
    func nestedUnknownName() async throws {
        let outer = StoredForm.encrypted(scheme: "aescbc:v1", name: "foo")
        let inner = StoredForm.encrypted(scheme: "aescbc:v1", name: "foo:bar")
        try await etcd.put("/outer/a", "k8s:enc:aescbc:v1:foo:aaa")
        try await etcd.put("/outer/b", "k8s:enc:aescbc:v1:foo:bar:x")
        try await etcd.put("/outer/c", "k8s:enc:aescbc:v1:foo:zzz")
        let census = try await etcd.classifier().classify(KeyRange(directory: "/outer/"), knownForms: [inner])
        #expect(census.counts == [outer: 2, inner: 1])
    }

    @Test("a name that begins another without the colon => two forms")
    func similarNames() async throws {
        let short = StoredForm.encrypted(scheme: "aescbc:v1", name: "key1")
        let long = StoredForm.encrypted(scheme: "aescbc:v1", name: "key11")
        try await etcd.put("/similar/a", "k8s:enc:aescbc:v1:key1:x")
        try await etcd.put("/similar/b", "k8s:enc:aescbc:v1:key11:x")
        for known: Set<StoredForm> in [[], [short], [long], [short, long]] {
            let census = try await etcd.classifier().classify(KeyRange(directory: "/similar/"), knownForms: known)
            #expect(census.counts == [short: 1, long: 1])
        }
    }

    @Test(
        "a value that no API server writes => an encrypted form that no key has",
        arguments: [
            ("k8s:enc:", "", ""), ("k8s:enc:zinc", "zinc", ""), ("k8s:enc:aescbc:v1:name", "aescbc:v1", "name"),
            ("k8s:enc:" + String(repeating: "n", count: 300), String(repeating: "n", count: 248), ""),
        ])
    func malformed(value: String, scheme: String, name: String) async throws {
        let directory = "/malformed-\(value)/"
        try await etcd.put(directory + "a", value)
        try await etcd.put(directory + "b", "k8s\u{0}")
        let census = try await etcd.classifier().classify(KeyRange(directory: directory), knownForms: [Self.fresh])
        #expect(census.counts == [.plaintext: 1, .encrypted(scheme: scheme, name: name): 1])
    }

    @Test("random mixtures of forms => the truth, whatever was known before", arguments: 0..<12 as Range<UInt64>)
    func mixtures(seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let mixture = Mixture.random(under: "/mixture-\(seed)/", using: &random)
        try await etcd.put(mixture.values)
        let known = mixture.truth.keys.filter { _ in Bool.random(using: &random) }
        let census = try await etcd.classifier().classify(
            KeyRange(directory: "/mixture-\(seed)/"), knownForms: Set(known),
            expecting: Bool.random(using: &random) ? mixture.truth.keys.randomElement(using: &random) : nil)
        #expect(census.counts == mixture.truth)
        #expect(census.objects == StoredObjects(count: mixture.values.count, forms: Set(mixture.truth.keys)))
    }

    @Test("some objects under other keys => they are named, by what their keys have behind the directory")
    func examples() async throws {
        try await etcd.put(values(700, under: "/named/ns/", "k8s:enc:aescbc:v1:atrest-20261121T101112-ab12:x"))
        try await etcd.put("/named/ns/00600", "k8s\u{0}")
        try await etcd.put("/named/other/a", "k8s:enc:secretbox:v1:old:x")
        for wanted in [nil, Self.fresh, Self.old] {
            let census = try await etcd.classifier().classify(
                KeyRange(directory: "/named/"), knownForms: [Self.old], expecting: wanted)
            #expect(census.examples[.plaintext] == ["ns/00600"])
            #expect(census.examples[Self.old] == ["other/a"])
            #expect(census.examples[Self.fresh]?.count == StoredCensus.exampleLimit)
        }
    }

    @Test("5,000 objects under the wanted key => two requests for each 500")
    func uniform() async throws {
        try await etcd.put(values(5_000, under: "/uniform/", "k8s:enc:aescbc:v1:atrest-20261121T101112-ab12:x"))
        let traffic = Traffic()
        let gateway = try await etcd.gateway(through: etcd.channel.recording(in: traffic))
        let range = KeyRange(directory: "/uniform/")
        let census = try await StorageClassifier(gateway: gateway).classify(
            range, knownForms: [.plaintext, Self.old], expecting: Self.fresh)
        #expect(census.counts == [Self.fresh: 5_000])
        #expect(traffic.exchanges.count == 1 + 2 * 10)

        try await etcd.put("/uniform/03333", "k8s:enc:secretbox:v1:old:x")
        let other = try await StorageClassifier(gateway: gateway).classify(
            range, knownForms: [.plaintext, Self.old], expecting: Self.fresh)
        #expect(other.counts == [Self.fresh: 4_999, Self.old: 1])
    }

    @Test("a survey of 5,000 encrypted objects => two requests for each 500 behind the first")
    func uniformSurvey() async throws {
        try await etcd.put(values(5_000, under: "/many/secrets/", "k8s:enc:aescbc:v1:atrest-20261121T101112-ab12:x"))
        let traffic = Traffic()
        let gateway = try await etcd.gateway(through: etcd.channel.recording(in: traffic))
        let survey = try await StorageClassifier(gateway: gateway).survey(
            StoragePrefix(flag: "many"), knownForms: [.plaintext, Self.fresh])
        #expect(survey.forms == ["/many/secrets/": [Self.fresh]])
        #expect(traffic.exchanges.count <= 10 + 2 * 10, "\(traffic.exchanges.count)")
    }

    @Test("everything under the prefix => the forms of each directory; what is encrypted is found without its name")
    func survey() async throws {
        let found = StoredForm.encrypted(scheme: "kms:v2", name: "vault")
        try await etcd.put(values(700, under: "/survey/pods/", "k8s\u{0}"))
        try await etcd.put(values(600, under: "/survey/secrets/ns/", "k8s:enc:kms:v2:vault:x"))
        try await etcd.put("/survey/secrets/ns/z", "k8s\u{0}")
        try await etcd.put("/survey/services/specs/a", "k8s\u{0}")
        try await etcd.put("/survey/services/endpoints/a", "k8s:enc:kms:v2:vault:x")
        try await etcd.put("/survey/example.com/widgets/ns/a", "{}")
        try await etcd.put("/survey/example.com/gadgets/ns/a", "k8s:enc:kms:v2:vault:x")
        try await etcd.put("/survey/lonely", "k8s\u{0}")
        try await etcd.put("/surveyor/secrets/a", "k8s:enc:aescbc:v1:stranger:x")
        let survey = try await etcd.classifier().survey(StoragePrefix(flag: "survey"), knownForms: [])
        #expect(
            survey.forms == [
                "/survey/pods/": [.plaintext], "/survey/secrets/": [.plaintext, found],
                "/survey/services/specs/": [.plaintext], "/survey/services/endpoints/": [found],
                "/survey/example.com/widgets/": [.plaintext], "/survey/example.com/gadgets/": [found],
                "/survey/lonely": [.plaintext],
            ])
        #expect(survey.encrypted.count == 3)
        #expect(
            survey.directories(holding: found) == [
                "/survey/example.com/gadgets/", "/survey/secrets/", "/survey/services/endpoints/",
            ])
    }

    @Test("observing => no proposal to etcd, no new revision, and no value in any answer")
    func readsOnly() async throws {
        try await withEtcd { etcd in
            let secret = String(repeating: "Q", count: 300)
            try await etcd.put(values(300, under: "/registry/secrets/a/", "k8s:enc:aescbc:v1:one:" + secret))
            try await etcd.put(values(300, under: "/registry/secrets/b/", "k8s\u{0}" + secret))
            try await etcd.put(values(300, under: "/registry/secrets/c/", "k8s:enc:kms:v1:two:" + secret))
            let before = try await etcd.position()

            let traffic = Traffic()
            let channel = etcd.channel.recording(in: traffic)
            let gateway = try await etcd.gateway(through: channel)
            let range = StoragePrefix().range(of: .secrets)
            _ = try await gateway.count(in: range)
            let classifier = StorageClassifier(gateway: gateway)
            #expect(try await classifier.classify(range, knownForms: []).counts.count == 3)
            #expect(try await classifier.survey(StoragePrefix(), knownForms: []).encrypted.count == 1)
            let paths = Set(traffic.exchanges.map(\.path))

            // The same eyes see a value where one is asked for.
            let leak = #"{"key":"\#(base64(range.start))","range_end":"\#(base64(range.end))","limit":1}"#
            _ = try await channel.send(HTTPRequest("POST", "/v3/kv/range", body: Array(leak.utf8)))
            let leaking = traffic.exchanges.filter { $0.response.contains(base64(Array(repeating: 81, count: 30))) }
            #expect(leaking.map(\.request) == [leak])

            #expect(paths == ["/v3/kv/range", "/v3/kv/txn"])
            let transactions = traffic.exchanges.filter { $0.path == "/v3/kv/txn" }
            #expect(transactions.allSatisfy { $0.request.components(of: #""count_only":true"#) == 2 })
            #expect(try await etcd.position() == before)
        }
    }
}

private func values(_ count: Int, under directory: String, _ value: String) -> [String: [UInt8]] {
    let keys = (0..<count).map { directory + String(100_000 + $0).dropFirst() }
    return Dictionary(uniqueKeysWithValues: keys.map { ($0, Array(value.utf8)) })
}

extension String {
    fileprivate func components(of other: String) -> Int {
        ranges(of: other).count
    }
}
