import ControlPlane
import Reconciliation
import Testing

private let path = "/etc/kubernetes/encryption-providers/encryption-providers.yaml"

@Suite struct KubeadmClusterConfigurationTests {
    private func configuration(_ text: String) throws -> KubeadmClusterConfiguration {
        try KubeadmClusterConfiguration(text)
    }

    private func patched(_ text: String, _ sockets: [KMSSocket] = []) throws -> String {
        try configuration(text).patched(encryptionConfigurationPath: path, kmsSockets: sockets)
    }

    @Test("what kubeadm 1.20.2 stores => exactly these lines more")
    func golden() throws {
        let text = ManifestVariant.fixture("kubeadm-config-1.20.2.yaml")
        let expected = text.replacing(
            "apiServer:\n  timeoutForControlPlane: 4m0s\n",
            with: """
                apiServer:
                  timeoutForControlPlane: 4m0s
                  extraArgs:
                    encryption-provider-config: \(path)
                  extraVolumes:
                  - name: encryption-providers-conf
                    hostPath: /etc/kubernetes/encryption-providers
                    mountPath: /etc/kubernetes/encryption-providers
                    readOnly: true
                    pathType: DirectoryOrCreate

                """)
        #expect(try patched(text) == expected)
    }

    @Test("any configuration => recorded once, and the same bytes again when it is taken out", arguments: Variant.all)
    func roundTrip(variant: Variant) throws {
        let sockets: [KMSSocket] = [.path("/run/kms/a.sock"), .path("/run/other/b.sock")]
        for sockets in [[], sockets] {
            let patched = try patched(variant.text, sockets)
            let after = try configuration(patched)
            #expect(after.encryptionConfigurationPath == path)
            #expect(after.record(encryptionConfigurationPath: path, kmsSockets: sockets) == .present)
            #expect(try self.patched(patched, sockets) == patched)
            #expect(isSubsequence(variant.text, of: patched))
            let restored = try after.unpatched()
            #expect(restored == variant.text)
            #expect(try configuration(restored).record(encryptionConfigurationPath: path, kmsSockets: []) == .absent)
        }
    }

    @Test("another path, a socket more, a volume less => partial, and put right")
    func partial() throws {
        let full = try patched(Variant.all[0].text)
        let record = try configuration(full).record(
            encryptionConfigurationPath: path, kmsSockets: [.path("/run/kms/a.sock")])
        #expect(record == .partial)
        for text in [
            full.replacing("config: \(path)", with: "config: /srv/other.yaml"),
            full.replacing("/etc/kubernetes/encryption-providers\n", with: "/srv/other\n"),
        ] {
            #expect(try configuration(text).record(encryptionConfigurationPath: path, kmsSockets: []) == .partial)
            #expect(try patched(text) == full)
        }
    }

    @Test("a socket that nothing needs any more => excess, and trimmed")
    func excess() throws {
        let full = try patched(Variant.all[0].text)
        let both = try patched(Variant.all[0].text, [.path("/run/kms/a.sock"), .path("/run/other/b.sock")])
        let sockets: [KMSSocket] = [.path("/run/kms/a.sock")]
        #expect(try configuration(both).record(encryptionConfigurationPath: path, kmsSockets: sockets) == .excess)
        #expect(try configuration(both).record(encryptionConfigurationPath: path, kmsSockets: []) == .excess)
        #expect(try patched(both) == full)
    }

    @Test("v1beta4 with the argument twice => the last one counts, both go")
    func repeated() throws {
        let text = """
            apiVersion: kubeadm.k8s.io/v1beta4
            kind: ClusterConfiguration
            apiServer:
              extraArgs:
              - name: encryption-provider-config
                value: /first
              - name: profiling
                value: "false"
              - name: encryption-provider-config
                value: /second # why

            """
        #expect(try configuration(text).encryptionConfigurationPath == "/second")
        #expect(try patched(text).contains("    value: \(path) # why\n"))
        let off = try configuration(text).unpatched()
        #expect(
            off
                == text.replacing("  - name: encryption-provider-config\n    value: /first\n", with: "")
                .replacing("  - name: encryption-provider-config\n    value: /second # why\n", with: ""))
    }

    @Test(
        "no ClusterConfiguration that is known => an error",
        arguments: [
            "a: [", "", "apiVersion: kubeadm.k8s.io/v1beta5\nkind: ClusterConfiguration\n",
            "apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\n",
        ])
    func unreadable(text: String) {
        #expect(throws: UnreadableManifest.self) { try configuration(text) }
    }
}

/// A ClusterConfiguration without encryption.
struct Variant: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String

    private init(_ name: String, version: Int, _ body: String) {
        testDescription = name
        text = "apiVersion: kubeadm.k8s.io/v1beta\(version)\nkind: ClusterConfiguration\n" + body
    }

    static let all: [Variant] = [
        Variant(
            "extraArgs and extraVolumes", version: 2,
            """
            apiServer:
              extraArgs:
                profiling: "false"
              extraVolumes:
              - hostPath: /srv/audit
                mountPath: /srv/audit
                name: audit
            kubernetesVersion: v1.20.2

            """),
        Variant("no apiServer", version: 1, "kubernetesVersion: v1.14.0"),
        Variant("apiServer {}", version: 3, "apiServer: {}\nscheduler: {}\n"),
        Variant("apiServer without a value", version: 3, "apiServer:\nscheduler: {}\n"),
        Variant("extraArgs without a value", version: 3, "apiServer:\n  extraArgs:\n  extraVolumes: []\n"),
        Variant("a list", version: 4, "apiServer:\n  extraArgs:\n  - {name: a, value: b}\n  certSANs: [a, b]\n"),
        Variant("an empty list", version: 4, "apiServer:\n  extraArgs: []\n  extraVolumes: [ ]\n"),
        Variant("v1beta4 without apiServer, CRLF", version: 4, "etcd:\r\n  local: {}\r\n"),
        Variant("comments", version: 2, "# a\napiServer: # b\n  certSANs: # c\n  - \u{E4} # d\n# e\netcd: {}\n# f"),
    ]
}
