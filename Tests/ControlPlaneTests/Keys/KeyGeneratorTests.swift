import ControlPlane
import Reconciliation
import Testing

@Suite struct KeyGeneratorTests {
    /// 2026-01-31 23:59:59 UTC.
    private static let now = 1_769_903_999

    @Test("a fresh key => 32 bytes that are not all alike, a name with the time, the fingerprint of the bytes")
    func fresh() throws {
        let (key, material) = try KeyGenerator.makeKey(provider: .aescbc, now: Self.now, existing: [])
        let secret = try #require(material.secrets[key])
        #expect(secret.count == 32)
        #expect(unsafe Set(secret.withBytes { unsafe Array($0) }).count > 8)
        #expect(key.name.hasPrefix("atrest-20260131T235959-"))
        #expect(KeyName.parse(key.name)?.time == Self.now)
        #expect(key == .local(provider: .aescbc, name: key.name, fingerprint: try secret.fingerprint()))
    }

    @Test("two fresh keys => two secrets")
    func distinct() throws {
        let first = try KeyGenerator.makeKey(provider: .secretbox, now: Self.now, existing: [])
        let second = try KeyGenerator.makeKey(provider: .secretbox, now: Self.now, existing: [])
        #expect(first.key != second.key)
    }

    @Test("a key from a faster clock is there => the fresh name sorts one second behind it")
    func slowClock() throws {
        let future = try #require(KeyName.parse("atrest-20300101T000000-zzzz"))
        let existing: [Key] = [
            .identity, .local(provider: .aesgcm, name: "atrest-20300101T000000-zzzz", fingerprint: Fingerprint("00")),
            .local(provider: .aescbc, name: "kubeone-zzzzzz", fingerprint: Fingerprint("01")),
        ]
        let (key, _) = try KeyGenerator.makeKey(provider: .aescbc, now: Self.now, existing: existing)
        let name = try #require(KeyName.parse(key.name))
        #expect(name.time == future.time + 1)
        #expect(key.name > "atrest-20300101T000000-zzzz")
    }
}

@Suite struct KeyNameTests {
    @Test(
        "a name of ours => its time, and the same text again",
        arguments: [
            ("atrest-19700101T000000-aaaa", 0), ("atrest-20000229T120000-0z9a", 951_825_600),
            ("atrest-20260131T235959-x7k2", 1_769_903_999), ("atrest-21000228T000001-abcd", 4_107_456_001),
        ])
    func ours(text: String, time: Int) throws {
        let name = try #require(KeyName.parse(text))
        #expect(name.time == time)
        #expect(name.description == text)
    }

    @Test(
        "any other name => not ours",
        arguments: [
            "", "atrest", "kubeone-xkau31", "atrest-20260131T235959", "atrest-20260131T235959-x7k",
            "atrest-20260131T235959-X7K2", "atrest-20260131t235959-x7k2", "atrest-20260231T000000-aaaa",
            "atrest-21000229T000000-aaaa", "atrest-20260131T240000-aaaa", "atrest-20261301T000000-aaaa",
            "atrest-20260131T235959-x7k2-more",
        ])
    func foreign(text: String) {
        #expect(KeyName.parse(text) == nil)
    }

    @Test("the order of names => the order of their texts")
    func order() throws {
        let texts = ["atrest-20251231T235959-zzzz", "atrest-20260101T000000-0000", "atrest-20260101T000000-000a"]
        let names = try texts.map { try #require(KeyName.parse($0)) }
        #expect(names.shuffled().sorted().map(\.description) == texts)
    }
}
