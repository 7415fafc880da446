import Reconciliation
import Testing

/// Rotation to another provider; the key's provider decides nothing, its name does.
@Suite struct ProviderTests {
    /// Sorts before `fresh` by name and behind it by provider.
    static let old = Key.local(provider: .secretbox, name: "atrest-20260101T000000-aaaa", fingerprint: .init("01"))
    static let fresh = Key.local(provider: .aescbc, name: "atrest-20260202T000000-bbbb", fingerprint: .init("02"))
    static let other = Key.local(provider: .aesgcm, name: "atrest-20260303T000000-cccc", fingerprint: .init("03"))

    private func rings(_ plan: Plan) -> [[Key]] {
        plan.items.compactMap { item in
            guard case .configure(_, let target, _) = item.step else { return nil }
            return target.configuration.keyRing(for: .secrets).keys
        }
    }

    @Test("rotate to another provider => the same rounds")
    func rotates() throws {
        let observed = DecideTests.cluster([DecideTests.host("cp1", Self.old, .identity)], stored: Self.old)
        let plan = try Plan(from: observed, to: .managed(rotate: true), freshKey: Self.fresh)
        #expect(
            rings(plan) == [
                [Self.old, Self.fresh, .identity], [Self.fresh, Self.old, .identity], [Self.fresh, .identity],
            ])
    }

    @Test("a rotation across providers was cut short => the newer key wins, and no third one is made")
    func resumes() throws {
        let observed = DecideTests.cluster(
            [DecideTests.host("cp1", Self.old, Self.fresh, .identity), DecideTests.host("cp2", Self.old, .identity)],
            stored: Self.old)
        let plan = try Plan(from: observed, to: .managed(rotate: true), freshKey: Self.other)
        #expect(rings(plan).last == [Self.fresh, .identity])
        #expect(!rings(plan).joined().contains(Self.other))
    }

    @Test("one name under two providers => two keys")
    func oneName() throws {
        let twin = Key.local(provider: .aescbc, name: Self.old.name, fingerprint: .init("04"))
        let observed = DecideTests.cluster(
            [DecideTests.host("cp1", Self.old, twin, .identity)], stored: Self.old, twin)
        let plan = try Plan(from: observed, to: .disabled, freshKey: Self.other)
        #expect(rings(plan).first == [.identity, Self.old, twin])
    }
}
