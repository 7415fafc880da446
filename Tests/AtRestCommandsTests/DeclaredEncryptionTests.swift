import Manifest
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite("The custom configuration in a manifest") struct DeclaredEncryptionTests {
    static let secret = "lsn9B5vaIePTsbH2cxxzB0EfbBIZkYplC1fwfiNksJo="

    /// Two things are wrong: line 8, column 9 and line 10, column 5 of the text.
    static let text = [
        "apiVersion: apiserver.config.k8s.io/v1", "kind: EncryptionConfiguration", "resources:", "- providers:",
        "  - aescbc:", "      keys:", "      - name: \"k\"", "        sceret: \(secret)", "  resources:", "  - secret",
        "",
    ]

    private func problems(_ value: [String]) throws -> [String] {
        let head = """
            apiVersion: kubeone.k8c.io/v1beta2
            kind: KubeOneCluster
            name: k1
            features:
              encryptionProviders:
                enable: true

            """
        let manifest = try KubeOneManifest(
            parsing: head + value.joined(separator: "\n") + "\n", file: "kubeone.yaml")
        do {
            _ = try DeclaredEncryption(manifest.encryption)
            return []
        } catch let error as InputError {
            return error.problems.map(\.description)
        }
    }

    private static let found = [
        "resources[0].providers[0].aescbc.keys[0].secret is missing",
        "\"sceret\" is no field of resources[0].providers[0].aescbc.keys[0]; did you mean secret?",
        "\"secret\" is no stored resource of the core group; did you mean secrets?",
    ]

    @Test(
        "a literal block => the manifest's own lines and columns",
        arguments: [("|", 0), ("|-", 1), ("|  # mine", 0), ("|+", 2)])
    func literal(style: String, blankLines: Int) throws {
        let block = Array(repeating: "", count: blankLines) + Self.text.map { $0.isEmpty ? "" : "      " + $0 }
        let problems = try problems(["    customEncryptionConfiguration: \(style)"] + block)
        let lines = [14, 15, 17].map { $0 + blankLines }
        #expect(
            problems == [
                "kubeone.yaml:\(lines[0]):15: \(Self.found[0])", "kubeone.yaml:\(lines[1]):15: \(Self.found[1])",
                "kubeone.yaml:\(lines[2]):11: \(Self.found[2])",
            ])
    }

    @Test("another style => where the value begins, and the text's own line and column")
    func otherStyles() throws {
        let folded = ["    customEncryptionConfiguration: >"] + Self.text.flatMap { ["      " + $0, ""] }
        let quoted = Self.text.joined(separator: "\\n").replacing("\"k\"", with: "k")
        let inQuotes = ["    customEncryptionConfiguration: \"\(quoted)\""]
        for (value, lines) in [(folded, [10, 12, 16]), (inQuotes, [7, 8, 10])] {
            let places = zip(lines, [9, 9, 5]).map { "(line \($0), column \($1) of the configuration)" }
            #expect(
                try problems(value) == zip(Self.found, places).map { "kubeone.yaml:7:36: \($0) \($1)" })
        }
    }

    @Test("any error => no part of a secret")
    func secrecy() throws {
        let swapped = Self.text.map { $0.replacing("\"k\"", with: Self.secret).replacing("sceret", with: "secret") }
        for lines in [Self.text, swapped, Self.text.map { $0.replacing("sceret: ", with: "") }] {
            let problems = try problems(
                ["    customEncryptionConfiguration: |"] + lines.map { $0.isEmpty ? "" : "      " + $0 })
            #expect(!problems.isEmpty)
            for problem in problems { #expect(!problem.contains(Self.secret.prefix(5))) }
        }
    }

    @Test("identity first => said for each resource, with the provider to move")
    func identityFirst() {
        let kms = Key.kms(version: .v1, name: "aws", endpoint: "unix:///run/kms/a")
        let configuration = EncryptionConfiguration(entries: [
            .init(resources: [.secrets], keys: [.identity, kms]),
            .init(resources: [ResourceName("configmaps")], keys: [kms, .identity]),
            .init(resources: [ResourceName("events")], keys: [.identity]),
        ])
        #expect(
            CustomText.render(configuration) == """
                  secrets: write identity, read kms:aws
                  configmaps: write kms:aws, read identity
                  events: write identity
                Note: the first provider for secrets is identity: nothing new is encrypted, and encrypted objects will be \
                written back as plain text; to encrypt, move kms first

                """)
        #expect(
            CustomText.warnings(
                configuration,
                stored: [
                    .secrets: StoredObjects(count: 1200, forms: [kms.storedForm]),
                    ResourceName("pods"): StoredObjects(count: 3, forms: [kms.storedForm, .plaintext]),
                    ResourceName("events"): StoredObjects(count: 3, forms: [.plaintext]),
                ]) == [
                    "the first provider for secrets is identity: nothing new is encrypted, and 1,200 encrypted objects will be "
                        + "written back as plain text; to encrypt, move kms first",
                    "nothing encrypts pods any more: encrypted objects will be written back as plain text",
                ])
    }
}
