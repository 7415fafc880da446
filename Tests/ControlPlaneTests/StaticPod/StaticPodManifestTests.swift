import ControlPlane
import Testing

@Suite struct StaticPodManifestTests {
    private func manifest(_ text: String) throws -> StaticPodManifest {
        try StaticPodManifest(text, file: "cp1:kube-apiserver.yaml")
    }

    private func pod(_ container: String) -> String {
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n" + container
    }

    @Test("kubeadm's manifest => its flags, image and annotations; no encryption")
    func kubeadm() throws {
        let manifest = try manifest(ManifestVariant.kubeadm)
        #expect(manifest.flags["secure-port"] == "6443")
        #expect(manifest.flags["etcd-servers"] == "https://127.0.0.1:2379")
        #expect(manifest.flags["no-such-flag"] == nil)
        #expect(manifest.image == "k8s.gcr.io/kube-apiserver:v1.20.2")
        #expect(
            manifest.annotation("kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint") == "192.0.2.11:6443")
        #expect(manifest.configurationDigest == nil)
        #expect(manifest.encryptionConfiguration == nil)
        #expect(manifest.hostPath(of: "/etc/kubernetes/pki/ca.crt") == "/etc/kubernetes/pki/ca.crt")
        #expect(manifest.hostPath(of: "/etc/kubernetes/encryption-providers/encryption-providers.yaml") == nil)
    }

    @Test("flags in any form => the last value, as pflag takes it")
    func flags() {
        let flags = CommandLineFlags(words: [
            "/usr/bin/kube-apiserver", "--a=1", "--b", "2", "--alone", "--c_d=x=y", "--a", "3", "--empty=", "-v=4",
            "word", "--last", "--", "--behind=1",
        ])
        #expect(flags["a"] == "3")
        #expect(flags["b"] == "2")
        #expect(flags["alone"] == "")
        #expect(flags["c-d"] == "x=y")
        #expect(flags["empty"] == "")
        #expect(flags["last"] == "")
        #expect(flags["behind"] == nil)
        #expect(flags["v"] == nil)
    }

    @Test("a file mounted from elsewhere, mounts inside of mounts => the path on the host")
    func hostPaths() throws {
        let manifest = try manifest(
            pod(
                """
                    command: [kube-apiserver, --encryption-provider-config, /enc/deep/c.yaml]
                    volumeMounts:
                    - {name: outer, mountPath: /enc}
                    - {name: inner, mountPath: /enc/deep/, subPath: sub}
                    - {name: memory, mountPath: /memory}
                  volumes:
                  - {name: outer, hostPath: {path: /opt/outer}}
                  - {name: inner, hostPath: {path: /opt/inner}}
                  - {name: memory, emptyDir: {}}

                """))
        #expect(manifest.encryptionConfiguration?.path == "/enc/deep/c.yaml")
        #expect(manifest.encryptionConfiguration?.hostPath == "/opt/inner/sub/c.yaml")
        #expect(manifest.hostPath(of: "/enc/other") == "/opt/outer/other")
        #expect(manifest.hostPath(of: "/encore") == nil)
        #expect(manifest.hostPath(of: "/memory/x") == nil)
        #expect(KMSSocket.path("/enc/kms.sock").onHost(of: manifest) == .path("/opt/outer/kms.sock"))
        #expect(KMSSocket.path("/run/kms.sock").onHost(of: manifest) == .path("/run/kms.sock"))
        #expect(KMSSocket.abstract("@kms").onHost(of: manifest) == .abstract("@kms"))
    }

    @Test(
        "what is no API server's manifest => an error with its place",
        arguments: [
            ("kind: [\n", "2:1: "), ("# nothing\n", "1:1: the text holds no document"),
            ("kind: Deployment\nspec: {}\n", "1:1: not the manifest of a pod"),
            (
                "kind: Pod\nspec:\n  containers:\n  - name: etcd\n",
                "4:3: the pod has no container that runs kube-apiserver"
            ),
        ])
    func unreadable(text: String, message: String) {
        let error = #expect(throws: UnreadableManifest.self) { try manifest(text) }
        #expect(error?.description.hasPrefix("cp1:kube-apiserver.yaml:" + message) == true)
    }

    @Test(
        "what cannot be edited => a line, a reason and what to do; nothing is changed",
        arguments: [
            (
                "    command: [/bin/sh, -c, 'exec kube-apiserver --secure-port=6443']\n",
                "6: kube-apiserver is started by a shell"
            ),
            ("    command:\n    - kube-apiserver\n    - --\n    - x\n", "8: \"--\" ends kube-apiserver's flags"),
            ("    image: x\n", "1: kube-apiserver has neither \"command\" nor \"args\""),
            (
                "    command: [kube-apiserver, --a=b]\n    volumeMounts: &none []\n    volumeDevices: *none\n",
                "7: \"spec.containers[0].volumeMounts\" is written in a way that cannot be changed"
            ),
            (
                "    command: [kube-apiserver, --encryption-provider-config=/etc/enc.yaml]\n",
                "1: /etc/enc.yaml is mounted by nothing, and /etc holds too much else"
            ),
        ])
    func uneditable(container: String, message: String) throws {
        let manifest = try manifest(pod(container))
        let path = manifest.encryptionConfiguration?.path ?? "/etc/kubernetes/encryption-providers/a.yaml"
        let error = #expect(throws: UneditableManifest.self) {
            try manifest.patched(encryptionConfigurationPath: path, digest: "00", kmsSockets: [])
        }
        #expect(error?.description.hasPrefix("cp1:kube-apiserver.yaml:" + message) == true, "\(error as Any)")
    }
}
