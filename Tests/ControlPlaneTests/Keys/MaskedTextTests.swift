import Reconciliation
import Testing

@testable import ControlPlane

@Suite("Texts without their secrets") struct MaskedTextTests {
    private func masked(_ text: String, fields: [String] = ["secret"]) -> String {
        String(decoding: MaskedText(SecretBytes(text.utf8), fields: fields).bytes, as: UTF8.self)
    }

    @Test(
        "a secret as files write it => the parser never gets it, and the same key is read",
        arguments: [
            "{name: a, secret: \(Sample.secret)}", "{name: a, secret: '\(Sample.secret)'}",
            "{\"name\": \"a\", \"secret\": \"\(Sample.secret)\"}", "{secret: \(Sample.secret) , name: a}",
            "{\"secret\":\"\(Sample.secret)\",\"name\":\"a\"}", "{'secret' : \(Sample.secret)\t, name: a}",
            "\n      - secret: \(Sample.secret)   # the key\n        name: a",
            "\n      - name: a\n        \"secret\": \"\(Sample.secret)\"\r\n",
        ])
    func parsed(_ item: String) throws {
        let text = Sample.file("  - aescbc:\n      keys: " + (item.hasPrefix("\n") ? item : "[\(item)]"))
        let shown = masked(text)
        #expect(!shown.contains(Sample.secret.prefix(4)) && !shown.contains(Sample.secret.suffix(4)))
        #expect(shown.utf8.count == text.utf8.count)
        let file = try EncryptionConfigurationFile(text: text, label: "file")
        #expect(file.configuration == (try wanted()))
    }

    @Test(
        "a secret that stands in another way => given as it is, and the same key is read",
        arguments: [
            "{name: a, secret: \"\\u0036\(Sample.secret.dropFirst())\"}", "{name: a, secret: &a '\(Sample.secret)'}",
            "\n      - name: a\n        secret: >-\n          \(Sample.secret)",
            "\n      - name: a\n        ? secret\n        : \(Sample.secret)",
            "[{name: a, secret: \(Sample.secret)}] # ~~~~",
        ])
    func unusual(_ item: String) throws {
        let text = Sample.file("  - aescbc:\n      keys: " + ("\n[".contains(item.prefix(1)) ? item : "[\(item)]"))
        #expect(try EncryptionConfigurationFile(text: text, label: "file").configuration == wanted())
    }

    @Test("several secrets and an alias => each its own")
    func several() throws {
        let text = Sample.file(
            """
              - aescbc: {keys: [{name: a, secret: \(Sample.secret)}, {name: b, secret: \(Sample.otherSecret)}]}
              - secretbox: {keys: &keys [{name: c, secret: \(Sample.otherSecret)}]}
              - aesgcm: {keys: *keys}
            """)
        let keys = try EncryptionConfigurationFile(text: text, label: "file").configuration.entries[0].keys
        let prints = try [Sample.secret, Sample.otherSecret].map { try SecretBytes(base64: $0.utf8)?.fingerprint() }
        #expect(keys.map(\.fingerprint) == [prints[0], prints[1], prints[1], prints[1]])
    }

    @Test("what only looks like a secret => not masked")
    func others() {
        for text in [
            "name: my-secret: \(Sample.secret)", "secrets: \(Sample.secret)", "secret:\n  \(Sample.secret)",
            "secret: 12345678901234567890123456789012", "secret: short", "secret: \"\(Sample.secret)", "secret", "",
        ] {
            #expect(masked(text) == text)
        }
    }

    @Test("a name that reads like a field with a secret => refused by its place, without the words")
    func name() {
        let text = Sample.file(
            "  - aescbc:\n      keys: [{name: \"a, secret: \(Sample.secret), b\", secret: \(Sample.otherSecret)}]")
        let error = #expect(throws: EncryptionFileError.self) {
            try EncryptionConfigurationFile(text: text, label: "file")
        }
        #expect(
            error?.findings.first?.problem
                == "resources[0].providers[0].aescbc.keys[0].name must not hold what reads like a field with a secret")
    }

    private func wanted() throws -> EncryptionConfiguration {
        let secret = try #require(SecretBytes(base64: Sample.secret.utf8))
        let key = Key.local(provider: .aescbc, name: "a", fingerprint: try secret.fingerprint())
        return EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: [key])])
    }
}

extension Key {
    fileprivate var fingerprint: Fingerprint? {
        if case .local(_, _, let fingerprint) = self { fingerprint } else { nil }
    }
}
