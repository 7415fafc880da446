import ControlPlane
import Reconciliation
import Testing

private let managed = "/etc/kubernetes/encryption-providers/encryption-providers.yaml"
private let custom = "/etc/kubernetes/encryption-providers/custom-encryption-providers.yaml"

@Suite struct StaticPodAdoptionTests {
    private func patched(_ text: String, _ path: String, _ sockets: [KMSSocket] = []) throws -> String {
        try StaticPodManifest(text, file: "cp1").patched(
            encryptionConfigurationPath: path, digest: "d1", kmsSockets: sockets)
    }

    private func unpatched(_ text: String) throws -> String {
        try StaticPodManifest(text, file: "cp1").unpatched()
    }

    /// kubeadm's manifest with a hand-made configuration, mounted as a single file.
    private static let singleFile = ManifestVariant.kubeadm
        .replacing(
            "    - --secure-port=6443\n",
            with: "    - --encryption-provider-config\n    - /srv/enc.yaml\n    - --secure-port=6443\n"
        )
        .replacing("    volumeMounts:\n", with: "    volumeMounts:\n    - {name: enc, mountPath: /srv/enc.yaml}\n")
        .replacing("  volumes:\n", with: "  volumes:\n  - name: enc\n    hostPath: {path: /srv/enc.yaml, type: File}\n")

    @Test("KubeOne's manifest => only the annotation is added")
    func kubeOne() throws {
        let text = ManifestVariant.fixture("kubeone.yaml")
        #expect(lines(of: try patched(text, managed), notIn: text) == ["    atrest.dev/encryption-config-sha256: d1"])
    }

    @Test("KubeOne's manifest, disabled => what kubeadm makes without encryption")
    func kubeOneDisabled() throws {
        let text = ManifestVariant.fixture("kubeone.yaml").replacing("    - --profiling=false\n", with: "")
        #expect(try unpatched(text) == ManifestVariant.kubeadm)
    }

    @Test("a file mounted by itself => only the annotation is added")
    func foreignPath() throws {
        let added = lines(of: try patched(Self.singleFile, "/srv/enc.yaml"), notIn: Self.singleFile)
        #expect(added == ["    atrest.dev/encryption-config-sha256: d1"])
    }

    @Test("a file that the host has at another path => only the annotation is added; moved, its mount goes")
    func mountedElsewhere() throws {
        let text = Self.singleFile.replacing("hostPath: {path: /srv/enc.yaml", with: "hostPath: {path: /root/hand.yaml")
        let added = lines(of: try patched(text, "/srv/enc.yaml"), notIn: text)
        #expect(added == ["    atrest.dev/encryption-config-sha256: d1"])
        #expect(try unpatched(try patched(text, managed)) == ManifestVariant.kubeadm)
        #expect(try !patched(text, managed).contains("hand.yaml"))
    }

    @Test("another directory of the host is mounted where ours would be => refused, and both are named")
    func mountedOver() throws {
        let directory = "/etc/kubernetes/encryption-providers"
        let text = ManifestVariant.kubeadm
            .replacing("    volumeMounts:\n", with: "    volumeMounts:\n    - {name: other, mountPath: \(directory)}\n")
            .replacing("  volumes:\n", with: "  volumes:\n  - name: other\n    hostPath: {path: /srv/other}\n")
        let error = #expect(throws: UneditableManifest.self) { try patched(text, managed) }
        let words = error.map { "\($0)" } ?? ""
        #expect(words.contains("\"/srv/other\" of the host is mounted at \(directory)"), "\(words)")
    }

    @Test("a file mounted by itself, disabled => flag, mount and volume go, so that the file can")
    func foreignPathDisabled() throws {
        #expect(try unpatched(Self.singleFile) == ManifestVariant.kubeadm)
        #expect(try unpatched(try patched(Self.singleFile, "/srv/enc.yaml")) == ManifestVariant.kubeadm)
    }

    @Test("managed becomes custom => the path changes and nothing else")
    func switchPath() throws {
        let before = try patched(ManifestVariant.kubeadm, managed)
        #expect(try patched(before, custom) == before.replacing(managed, with: custom))
        let twoWords = before.replacing(
            "--encryption-provider-config=\(managed)", with: "--encryption_provider_config\n    - '\(managed)'")
        #expect(try patched(twoWords, custom) == twoWords.replacing(managed, with: custom))
    }

    @Test("the flag stands twice => the last one counts for a change, both go on disable")
    func twice() throws {
        let before = try patched(ManifestVariant.kubeadm, managed)
        let flag = "    - --encryption-provider-config=\(managed)\n"
        let text = before.replacing(flag, with: "    - --encryption-provider-config=/old\n" + flag)
        #expect(try patched(text, custom) == text.replacing(managed, with: custom))
        #expect(try unpatched(text) == ManifestVariant.kubeadm)
    }

    @Test("two KMS plugins => two directories; one that is not needed any more goes, the other keeps its name")
    func sockets() throws {
        let first = KMSSocket.path("/run/kms-a/a.sock")
        let second = KMSSocket.path("/run/kms-b/b.sock")
        let both = try patched(ManifestVariant.kubeadm, managed, [first, second, .path("/run/kms-b/c.sock")])
        #expect(lines(of: both, notIn: ManifestVariant.kubeadm).filter { $0.contains("kms-endpoint") }.count == 4)
        let one = try patched(both, managed, [second])
        #expect(!one.contains("/run/kms-a"))
        #expect(one.contains("      path: /run/kms-b\n      type: DirectoryOrCreate\n    name: kms-endpoint-2\n"))
        #expect(try patched(both, managed) == patched(ManifestVariant.kubeadm, managed))
    }

    @Test("a socket in /run itself => the socket alone; KubeOne's mount of it is enough")
    func wideDirectory() throws {
        let socket = KMSSocket.path("/run/kms.sock")
        let text = try patched(ManifestVariant.kubeadm, managed, [socket])
        #expect(text.contains("      path: /run/kms.sock\n      type: Socket\n    name: kms-endpoint\n"))
        #expect(try patched(text, managed, [socket]) == text)
    }

    @Test("a plugin beside the API server mounts kms-endpoint too => its volume stays")
    func sidecar() throws {
        let text = try patched(ManifestVariant.kubeadm, managed, [.path("/run/kms/a.sock")])
            .replacing(
                "  containers:\n",
                with: "  containers:\n  - name: kms\n    volumeMounts: [{name: kms-endpoint, mountPath: /kms}]\n")
        let off = try unpatched(text)
        #expect(off.contains("    name: kms-endpoint\n"))
        #expect(!off.contains("      name: kms-endpoint\n"))
        #expect(!off.contains("encryption-providers"))
    }

    @Test("our volume name used for something else => refused with its line")
    func takenName() throws {
        let text = try patched(ManifestVariant.kubeadm, managed)
            .replacing("path: /etc/kubernetes/encryption-providers\n", with: "path: /srv/other\n")
            .replacing("mountPath: /etc/kubernetes/encryption-providers\n", with: "mountPath: /srv/other\n")
        let error = #expect(throws: UneditableManifest.self) { try patched(text, managed) }
        #expect(
            error?.problem.hasPrefix("the volume \"encryption-providers-conf\" is there for something else") == true)
    }
}

@Suite struct KMSSocketTests {
    @Test(
        "an endpoint => its path as the API server reads it",
        arguments: [
            ("unix:///run/kms/s.sock", "/run/kms/s.sock"), ("unix:/run/kms/s.sock", "/run/kms/s.sock"),
            ("unix://host/run/s.sock", "/run/s.sock"),
        ])
    func path(endpoint: String, path: String) {
        #expect(KMSSocket(endpoint: endpoint) == .path(path))
    }

    @Test("an abstract name => nothing to mount", arguments: ["unix:@kms", "unix://@kms", "unix:///@kms"])
    func abstract(endpoint: String) {
        #expect(KMSSocket(endpoint: endpoint) == .abstract("@kms"))
    }

    @Test(
        "anything else => no socket",
        arguments: [
            "", "unix:", "unix://", "unix:///", "unix:///@", "/run/s", "tcp://1.2.3.4:5", "unix:///run/a%20b",
            "unix:rel",
        ])
    func foreign(endpoint: String) {
        #expect(KMSSocket(endpoint: endpoint) == nil)
    }

    @Test("a configuration with several KMS => each socket once, in order")
    func configuration() {
        func kms(_ name: String, _ path: String) -> Key { .kms(version: .v2, name: name, endpoint: "unix://\(path)") }
        let configuration = EncryptionConfiguration(entries: [
            .init(resources: [.secrets], keys: [kms("b", "/run/b/s"), .identity, kms("a", "/run/a/s")]),
            .init(resources: [ResourceName("configmaps")], keys: [kms("c", "/run/b/s")]),
        ])
        #expect(configuration.kmsSockets == [.path("/run/b/s"), .path("/run/a/s")])
    }
}
