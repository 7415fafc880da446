import ControlPlane
import Reconciliation
import Testing

@Suite struct EncryptionConfigurationFileTests {
    @Test("the reference's managed example => its keys in order, and its digest")
    func managed() throws {
        let file = try EncryptionConfigurationFile(text: Sample.managed, label: "cp1:file")
        let entry = try #require(file.configuration.entries.first)
        #expect(entry.resources == [.secrets])
        #expect(entry.keys.map(\.description) == ["aescbc:kubeone-xkau31", "identity"])
        #expect(file.digest == (try sha256Hex(Array(Sample.managed.utf8))))
        #expect(file.material.secrets[entry.keys[0]]?.count == 32)
        #expect(Sample.text(file.content) == Sample.managed)
    }

    @Test("the reference's KMS example => identity first, and how the plugin is spoken to")
    func kms() throws {
        let providers = """
              - identity: {}
              - kms:
                  name: aws-encryption-provider
                  endpoint: unix:///var/run/kmsplugin/socket.sock
                  cachesize: 1000
                  timeout: 3s
            """
        let file = try EncryptionConfigurationFile(text: Sample.file(providers), label: "custom")
        let kms = Key.kms(
            version: .v1, name: "aws-encryption-provider", endpoint: "unix:///var/run/kmsplugin/socket.sock")
        #expect(file.configuration.entries.first?.keys == [.identity, kms])
        #expect(file.material.kmsOptions[kms] == KMSOptions(cacheSize: 1000, timeout: "3s"))
    }

    @Test("the legacy kind, JSON, an own key per resource => read")
    func otherForms() throws {
        let legacy = Sample.managed.replacing("apiserver.config.k8s.io/v1", with: "v1")
            .replacing("EncryptionConfiguration", with: "EncryptionConfig")
        let json = """
            {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": [
            \t{"resources": ["secrets", "*.apps"], "providers": [
              {"aescbc": {"keys": [{"name": "kubeone-xkau31", "secret": "\(Sample.secret)"}]}}, {"identity": {}}]}]}
            """
        let expected = try EncryptionConfigurationFile(text: Sample.managed, label: "yaml").configuration.entries[0]
            .keys
        #expect(
            try EncryptionConfigurationFile(text: legacy, label: "legacy").configuration.entries[0].keys == expected)
        let file = try EncryptionConfigurationFile(text: json, label: "json")
        #expect(file.configuration.entries[0].keys == expected)
        #expect(file.configuration.resources.map(\.text) == ["secrets", "*.apps"])
    }

    @Test("what no operator should ask for => file, line and column, and never the secret", arguments: Broken.all)
    func broken(file: Broken) {
        let error = #expect(throws: EncryptionFileError.self) {
            try EncryptionConfigurationFile(wish: file.text, label: "cp1:enc.yaml")
        }
        #expect(error?.description == "cp1:enc.yaml:" + file.message)
    }

    @Test("broken files => no error shows a part of a secret", arguments: Broken.all)
    func redacted(file: Broken) {
        do {
            _ = try EncryptionConfigurationFile(wish: file.text, label: "cp1:enc.yaml")
        } catch {
            #expect(!"\(error)".contains(Sample.secret.prefix(5)))
        }
    }
}

/// A file with one thing wrong, and what is said of it.
struct Broken: Sendable, CustomTestStringConvertible {
    let message: String
    let text: String

    var testDescription: String { message }

    private static func key(_ field: String) -> String {
        Sample.file("  - aescbc:\n      keys:\n      - name: a\n        \(field)")
    }

    static let all: [Broken] = [
        Broken(
            message: "8:8: while parsing a block mapping: did not find expected key",
            text: Sample.managed.replacing("        secret:", with: "       secret:")),
        Broken(message: "1:1: the file is empty", text: "# nothing\n"),
        Broken(
            message: "1:1: apiVersion \"v1\", kind \"Secret\" is not an encryption configuration; it must be "
                + "apiserver.config.k8s.io/v1, EncryptionConfiguration",
            text: "apiVersion: v1\nkind: Secret\n"),
        Broken(
            message: "1:1: resources is missing",
            text: "apiVersion: v1\nkind: EncryptionConfig\nresources:\n"),
        Broken(
            message: "8:17: resources[0].providers[0].aescbc.keys[0].secret is not base64",
            text: key("secret: \(Sample.secret.dropLast())")),
        Broken(
            message: "8:17: resources[0].providers[0].aescbc.keys[0].secret has 6 bytes, aescbc needs 16, 24, 32",
            text: key("secret: c2VjcmV0")),
        Broken(
            message: "7:9: resources[0].providers[0].aescbc.keys[0].secret is missing", text: key("secret:")),
        Broken(
            message: "7:9: resources[0].providers[0].aescbc.keys[0].secret is missing\ncp1:enc.yaml:"
                + "8:9: \"secrets\" is no field of resources[0].providers[0].aescbc.keys[0]; did you mean secret?",
            text: key("secrets: \(Sample.secret)")),
        Broken(
            message: "7:9: resources[0].providers[0].aescbc.keys[0].secret is missing\ncp1:enc.yaml:"
                + "8:9: \"6uts…\" is no field of resources[0].providers[0].aescbc.keys[0]; it may have name, secret",
            text: key("\(Sample.secret): x")),
        Broken(
            message: "9:9: the key \"6uts…\" stands twice in this mapping",
            text: key("\(Sample.secret): x\n        \(Sample.secret): y")),
        Broken(
            message: "7:15: resources[0].providers[0].aescbc.keys[0].name must be a string "
                + "(put a number or a boolean in quotes)",
            text: key("secret: \(Sample.secret)").replacing("name: a", with: "name: 0123")),
        Broken(
            message: "5:5: resources[0].providers[0] must hold exactly one of aescbc, aesgcm, secretbox, kms, identity",
            text: Sample.file("  - identity: {}\n    kms: {name: a, endpoint: 'unix:///run/a/b'}")),
        Broken(
            message: "5:5: resources[0].providers[0] must hold exactly one of aescbc, aesgcm, secretbox, kms, identity",
            text: Sample.file("  - identity:")),
        Broken(
            message:
                "5:5: \"aes\" is no field of resources[0].providers[0]; it may have aescbc, aesgcm, secretbox, kms, "
                + "identity\ncp1:enc.yaml:"
                + "5:5: resources[0].providers[0] must hold exactly one of aescbc, aesgcm, secretbox, kms, identity",
            text: Sample.file("  - aes: {keys: []}")),
        Broken(
            message: "5:25: resources[0].providers[0].secretbox.keys must be a list with at least one item",
            text: Sample.file("  - secretbox: { keys:  []}")),
        Broken(
            message:
                "5:30: resources[0].providers[0].kms.endpoint must be a Unix socket such as unix:///run/kms/socket",
            text: Sample.file("  - kms: {name: a, endpoint: 'tcp://127.0.0.1:9999'}")),
        Broken(
            message: "5:65: resources[0].providers[0].kms.timeout must be a duration above zero, such as 3s",
            text: Sample.file("  - kms: {name: a, endpoint: 'unix:///run/a/b.sock', timeout:   3}")),
        Broken(
            message: "5:83: resources[0].providers[0].kms.cachesize does not exist in KMS v2: leave it out",
            text: Sample.file("  - kms: {name: a, endpoint: 'unix:///run/a/b.sock', apiVersion: v2, cachesize:   10}")),
        Broken(
            message: "1:2: expected a key in double quotes (what begins with \"{\" is read as JSON)",
            text: "{apiVersion: v1, kind: EncryptionConfig}"),
        Broken(
            message: "2:21: expected a key in double quotes (what begins with \"{\" is read as JSON)",
            text: "{\"apiVersion\": \"v1\",\n \"kind\": \"a\u{E4}\\u00e4\",} "),
    ]
}
