import ControlPlane
import Reconciliation
import Testing

@Suite("What an API server can carry out") struct EncryptionSupportTests {
    /// A configuration, an API server, and what the server does not do.
    struct Case: Sendable, CustomTestStringConvertible {
        let minor: Int
        var gates: [String: Bool] = [:]
        var reloads = false
        let entries: [String]
        let problems: [String]

        var testDescription: String {
            "1.\(minor) \(gates) \(reloads ? "reload " : "")\(entries.joined(separator: "; "))"
        }
    }

    static let v1 = "{resources: [secrets], providers: [kms: {name: k, endpoint: 'unix:///run/a/b'}]}"
    static let v2 = "{resources: [secrets], providers: [kms: {apiVersion: v2, name: k, endpoint: 'unix:///run/a/b'}]}"
    static func entry(_ resource: String) -> String { "{resources: ['\(resource)'], providers: [identity: {}]}" }
    static let v1Off =
        "KMS v1 is off in Kubernetes 1.29: use apiVersion v2 with a plugin that speaks it, or give every API server "
        + "--feature-gates=KMSv1=true first"
    static func v2Off(_ minor: Int) -> String {
        "KMS v2 is off in these API servers of Kubernetes 1.\(minor): give every one --feature-gates=KMSv2=true first"
    }

    static let all = [
        Case(minor: 20, entries: [v1], problems: []),
        Case(minor: 28, entries: [v1], problems: []),
        Case(
            minor: 28, gates: ["KMSv1": false], entries: [v1],
            problems: [v1Off.replacing("1.29", with: "1.28")]),
        Case(minor: 29, entries: [v1], problems: [v1Off]),
        Case(minor: 29, gates: ["KMSv1": true], entries: [v1], problems: []),
        Case(minor: 24, entries: [v2], problems: ["Kubernetes 1.24 has no KMS v2: it came with 1.25"]),
        Case(
            minor: 24, gates: ["KMSv2": true], entries: [v2],
            problems: ["Kubernetes 1.24 has no KMS v2: it came with 1.25"]),
        Case(minor: 25, entries: [v2], problems: [v2Off(25)]),
        Case(minor: 26, gates: ["KMSv2": true], entries: [v2], problems: []),
        Case(minor: 26, gates: ["AllAlpha": true], entries: [v2], problems: []),
        Case(minor: 27, entries: [v2], problems: []),
        Case(minor: 27, gates: ["AllBeta": false], entries: [v2], problems: [v2Off(27)]),
        Case(minor: 28, gates: ["KMSv2": false], entries: [v2], problems: [v2Off(28)]),
        Case(minor: 36, gates: ["AllBeta": false], entries: [v2], problems: []),
        Case(
            minor: 26, entries: [entry("*.*"), entry("secrets")].reversed(),
            problems: [
                "\"*.*\" means nothing to Kubernetes 1.26: wildcards came with 1.27. Name the resources one by one"
            ]),
        Case(minor: 27, entries: [entry("*.*")], problems: []),
        Case(
            minor: 25, entries: [entry("pandas.bears.example")],
            problems: [
                "Kubernetes 1.25 would store \"pandas.bears.example\" as plain text: custom resources are encrypted from 1.26 "
                    + "on. Leave it out"
            ]),
        Case(minor: 25, entries: [entry("deployments.apps"), entry("roles.rbac.authorization.k8s.io")], problems: []),
        Case(minor: 26, entries: [entry("pandas.bears.example")], problems: []),
        Case(minor: 28, entries: [v1, v1.replacing("secrets", with: "configmaps")], problems: []),
        Case(
            minor: 28, reloads: true, entries: [v1, v1.replacing("secrets", with: "configmaps")],
            problems: [
                "the KMS \"k\" stands in a second entry, which an API server that reloads its configuration does not allow: "
                    + "name all its resources in one"
            ]),
        Case(
            minor: 28, entries: [v2, v2.replacing("secrets", with: "configmaps")],
            problems: [
                "the KMS \"k\" stands in a second entry, which KMS v2 does not allow: name all its resources in one"
            ]),
        Case(
            minor: 17, entries: [v1.replacing("name: k", with: "name: k, cachesize: -1")],
            problems: ["a cachesize below 0 is known to Kubernetes from 1.18 on"]),
    ]

    static func text(_ entries: [String]) -> String {
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"
            + entries.map { "- \($0)\n" }.joined()
    }

    @Test("a configuration for an API server => what that does not carry out", arguments: all)
    func check(_ example: Case) throws {
        let file = try EncryptionConfigurationFile(wish: Self.text(example.entries), label: "f")
        let support = EncryptionSupport(
            version: KubernetesVersion(1, example.minor), featureGates: example.gates, reloads: example.reloads)
        var problems: [String] = []
        do { try file.check(for: support, label: "f") } catch { problems = error.findings.map(\.problem) }
        #expect(problems == example.problems)
    }

    @Test("versions as images and the API say them => major and minor")
    func versions() {
        #expect(KubernetesVersion("v1.20.2") == KubernetesVersion(1, 20))
        #expect(KubernetesVersion("1.29.0-rc.1+k3s1") == KubernetesVersion(1, 29))
        #expect(KubernetesVersion("v1.36+") == KubernetesVersion(1, 36))
        for text in ["latest", "v1", "", "v1.x", "v-1.2"] { #expect(KubernetesVersion(text) == nil) }
    }

    /// A live file that an API server takes although it does not say what it seems to.
    @Test("a live file with what its API server passes over => read as that does")
    func live() throws {
        func read(_ entries: [String], _ minor: Int) throws -> EncryptionConfiguration {
            try EncryptionConfigurationFile(
                SecretBytes(Self.text(entries).utf8), label: "f",
                support: EncryptionSupport(version: KubernetesVersion(1, minor))
            ).configuration
        }
        let unknown = Self.entry("secrets").replacing("{resources", with: "{comment: x, resources")
        #expect(try read([unknown], 30).resources == [.secrets])
        #expect(throws: EncryptionFileError.self) { try read([unknown], 31) }
        let merged = Self.entry("secrets").replacing("{resources", with: "{<<: {resources: [configmaps]}, resources")
        #expect(try read([merged], 30).resources == [.secrets])
        #expect(throws: EncryptionFileError.self) { try read([merged], 31) }
        let all = [Self.entry("secrets."), Self.entry("*.*")]
        #expect(try read(all, 26).resources == [.secrets])
        #expect(try read(all, 27).resources == [.secrets, ResourceName("*.*")])
        let kms = Key.kms(version: .v1, name: "k", endpoint: "unix:///run/a/b")
        #expect(try read([Self.v2], 24).keys == [kms])
        #expect(try read([Self.v2], 25).keys == [.kms(version: .v2, name: "k", endpoint: "unix:///run/a/b")])
    }
}
