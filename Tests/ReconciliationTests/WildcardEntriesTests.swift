import Testing

@testable import Reconciliation

/// The order of entries in the files of the rounds.
@Suite struct WildcardEntriesTests {
    static let a = CustomTests.key("a")
    static let b = CustomTests.key("b")
    static let v1 = Key.kms(version: .v1, name: "v1", endpoint: "unix:///run/kms/v1.sock")
    static let v2 = WildcardTests.vault

    static func entries(_ rings: (String, [Key])..., reloads: Bool = false) throws -> [String] {
        let rings = rings.map { (resource: ResourceName($0.0), keys: $0.1) }
        let configuration = try EncryptionConfiguration(giving: rings, toReloading: reloads)
        #expect(WildcardTests.loadProblem(configuration) == nil)
        for ring in rings {
            let given = configuration.keyRing(for: ring.resource)
            #expect(given.writeKey == ring.keys.first && Set(ring.keys).isSubset(of: given.keys), "\(ring.resource)")
        }
        return configuration.entries.map { entry in
            entry.resources.map(\.text).joined(separator: ",") + ": "
                + entry.keys.map(\.description).joined(separator: ",")
        }
    }

    @Test("names with other keys than their wildcard => in front of it, the widest wildcard last")
    func order() throws {
        #expect(
            try Self.entries(
                ("*.*", [.identity, Self.a]), ("*.apps", [Self.b, .identity]), ("deployments.apps", [.identity]),
                ("secrets", [Self.a, .identity]))
                == [
                    "deployments.apps: identity", "secrets: aescbc:a,identity", "*.apps: aescbc:b,identity",
                    "*.*: identity,aescbc:a",
                ])
    }

    @Test("a name that its wildcard gives all keys => no entry of its own; plain text under a wildcard => one")
    func covered() throws {
        #expect(
            try Self.entries(
                ("*.*", [Self.a, Self.b, .identity]), ("*.apps", [Self.a, .identity]), ("pods", [Self.a]),
                ("secrets", [Self.b, .identity]), ("events", [.identity]))
                == ["secrets: aescbc:b,identity", "events: identity", "*.*: aescbc:a,aescbc:b,identity"])
        #expect(try Self.entries(("*.*", [.identity]), ("*.apps", [.identity]), ("pods", [.identity])).isEmpty)
    }

    @Test("a wildcard of a group without a wider one => the others are not named")
    func group() throws {
        #expect(
            try Self.entries(
                ("*.", [Self.a, .identity]), ("deployments.apps", [.identity]), ("pods", [Self.a, .identity]))
                == ["*.: aescbc:a,identity"])
    }

    @Test("a KMS v2 behind a wildcard and a name that it covers => the wildcard reads for both")
    func united() throws {
        #expect(
            try Self.entries(
                ("*.*", [.identity, Self.v2]), ("pods", [.identity, Self.a, Self.v2]), ("secrets", [Self.b, .identity]))
                == ["secrets: aescbc:b,identity", "*.*: identity,kms:vault,aescbc:a"])
    }

    @Test("a KMS v2 behind a wildcard and a name that it does not cover => one entry for both")
    func together() throws {
        #expect(
            try Self.entries(
                ("*.apps", [.identity, Self.v2]), ("deployments.apps", [Self.a, .identity]),
                ("secrets", [.identity, Self.v2])) == [
                    "deployments.apps: aescbc:a,identity", "*.apps,secrets: identity,kms:vault",
                ])
    }

    @Test("a KMS v1 for two resources in different company => one entry where the file is loaded again, else two")
    func reloads() throws {
        let rings = [("secrets", [Self.v1, Key.identity]), ("configmaps", [Key.identity, Self.v1])]
        #expect(
            try Self.entries(rings[0], rings[1])
                == ["secrets: kms:v1,identity", "configmaps: identity,kms:v1"])
        #expect(
            try Self.entries(rings[0], rings[1], reloads: true)
                == ["configmaps: identity", "secrets,configmaps: kms:v1", "secrets: identity"])
    }
}
