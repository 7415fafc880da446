import Manifest
import Testing

@Suite struct KubeOneManifestTests {
    @Test("the manifest of KubeOne's own documentation => managed encryption, no hosts")
    func reference() throws {
        let manifest = try KubeOneManifest(parsing: Fixtures.text("manifests/v1beta1.yaml"), file: "kubeone.yaml")
        #expect(manifest.apiVersion == .v1beta1)
        #expect(manifest.name == "k1-cluster")
        #expect(manifest.kubernetesVersion == "1.18.6")
        #expect(manifest.encryption == .managed)
        #expect(manifest.hosts.isEmpty)
        #expect(manifest.apiEndpoint.host == nil)
        #expect(manifest.apiEndpoint.port == 6443)
    }

    @Test("enable false beside a custom configuration => disabled")
    func disabledWithCustom() throws {
        let manifest = try KubeOneManifest(parsing: Fixtures.text("manifests/all-fields.yaml"), file: "kubeone.yaml")
        #expect(manifest.encryption == .disabled)
        #expect(manifest.apiEndpoint.host?.text == "api.example.com")
        #expect(manifest.apiEndpoint.port == 443)
    }

    @Test("a custom configuration => its text verbatim, its lines found in the manifest, and no print of it")
    func custom() throws {
        let manifest = try KubeOneManifest(parsing: Fixtures.text("manifests/custom.yaml"), file: "kubeone.yaml")
        guard case .custom(let custom) = manifest.encryption else {
            Issue.record("expected a custom configuration")
            return
        }
        let lines = custom.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "apiVersion: apiserver.config.k8s.io/v1")
        #expect(lines[7] == "        secret: bm90IGEgc2VjcmV0OiBpdCBzdGFuZHMgaW4gdGVzdHM=")
        #expect(custom.problem("odd", line: 8, column: 9).description == "kubeone.yaml:17:15: odd")
        var dumped = ""
        dump(manifest, to: &dumped)
        for printed in ["\(manifest)", String(reflecting: manifest), dumped] {
            #expect(!printed.contains("bm90IGEg"))
            #expect(!printed.contains("aescbc"))
        }
    }

    @Test("a manifest with Windows' line ends => the same text and places")
    func lineEnds() throws {
        let text = try Fixtures.text("manifests/custom.yaml")
        let unix = try KubeOneManifest(parsing: text, file: "kubeone.yaml").encryption
        let windows = try KubeOneManifest(
            parsing: text.replacing("\n", with: "\r\n"), file: "kubeone.yaml"
        ).encryption
        guard case .custom(let expected) = unix, case .custom(let custom) = windows else {
            Issue.record("expected custom configurations")
            return
        }
        #expect(custom.text == expected.text)
        #expect(custom.problem("odd", line: 8, column: 9).description == "kubeone.yaml:17:15: odd")
    }

    @Test("a custom configuration in quotes => errors in it are placed at its beginning")
    func customInQuotes() throws {
        let providers = "{enable: true, customEncryptionConfiguration: \"a: 1\\nb\"}"
        let text = head + "features: {encryptionProviders: \(providers)}\n"
        guard case .custom(let custom) = try KubeOneManifest(parsing: text, file: "kubeone.yaml").encryption else {
            Issue.record("expected a custom configuration")
            return
        }
        #expect(custom.text == "a: 1\nb")
        #expect(
            custom.problem("odd", line: 2, column: 1).description
                == "kubeone.yaml:4:79: odd (line 2, column 1 of the configuration)")
    }

    @Test(
        "spellings of the section => what it asks for",
        arguments: [
            ("", .disabled),
            ("features:\n", .disabled),
            ("features: {coreDNS: {replicas: 2}}\n", .disabled),
            ("features: {encryptionProviders: {}}\n", .disabled),
            ("features: {encryptionProviders: {enable: false}}\n", .disabled),
            ("features: {encryptionProviders: {enable: yes}}\n", .managed),
            ("features: {encryptionProviders: {enable: On}}\n", .managed),
            ("features: {encryptionProviders: {enable: Y}}\n", .managed),
            ("features: {encryptionProviders: {enable: NO}}\n", .disabled),
            ("features: {encryptionProviders: {enable: off}}\n", .disabled),
            ("features: {encryptionProviders: &x {enable: true}}\nother: *x\n", .managed),
            ("x: &x {enable: true}\nfeatures: {encryptionProviders: *x}\n", .managed),
            ("features: {encryptionProviders: {enable: true, customEncryptionConfiguration: ''}}\n", .managed),
            ("x: &x {enable: true}\nfeatures: {encryptionProviders: {<<: *x}}\n", .managed),
        ] as [(String, KubeOneManifest.Encryption)])
    func encryption(tail: String, expected: KubeOneManifest.Encryption) throws {
        #expect(try KubeOneManifest(parsing: head + tail, file: "kubeone.yaml").encryption == expected)
    }

    @Test("every other field that KubeOne has => not taken for a misspelt one of ours")
    func otherFields() {
        let top = [
            "cloudProvider", "containerRuntime", "clusterNetwork", "proxy", "staticWorkers", "dynamicWorkers",
            "machineController", "operatingSystemManager", "caBundle", "addons", "helmReleases", "systemPackages",
            "assetConfiguration", "registryConfiguration", "loggingConfig", "tlsCipherSuites",
            "controlPlaneComponents", "certificateAuthority", "workers", "credentials", "backup", "kubeletConfig",
        ]
        let features = [
            "podNodeSelector", "podPresets", "podSecurityPolicy", "staticAuditLog", "dynamicAuditLog",
            "webhookAuditLog", "metricsServer", "openidConnect", "coreDNS", "nodeLocalDNS", "alwaysPullImages",
            "eventRateLimit",
        ]
        let text =
            head + top.map { "\($0): {}\n" }.joined() + "features:\n" + features.map { "  \($0): {}\n" }.joined()
            + "controlPlane: {nodeSets: []}\napiEndpoint: {alternativeNames: [a]}\n"
        #expect(problems { () throws(InputError) in _ = try KubeOneManifest(parsing: text, file: "k") } == [])
    }

    private let head = "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nname: k1\n"
}
