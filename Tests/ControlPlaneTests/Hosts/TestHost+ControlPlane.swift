import Reconciliation
import Testing

@testable import ControlPlane

extension TestHost {
    static let manifestPath = "/etc/kubernetes/manifests/kube-apiserver.yaml"
    static let configurationFlag = "--encryption-provider-config=\(HostProbe.managedPath)"
    static let kubeletCgroup = "0::/system.slice/kubelet.service"
    static let flags = [
        "--advertise-address=10.0.0.1", "--etcd-servers=https://127.0.0.1:2379",
        "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt",
        "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt",
        "--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key", "--secure-port=6443",
    ]

    /// A manifest as kubeadm writes it.
    static func manifest(
        _ more: [String] = [], mounts: [(host: String, container: String)] = [], note: String = ""
    ) -> String {
        let words = (["kube-apiserver"] + flags + more).map { "    - \($0)\n" }.joined()
        let all = [(host: "/etc/kubernetes/pki", container: "/etc/kubernetes/pki")] + mounts
        return """
            apiVersion: v1
            kind: Pod
            metadata:
              annotations:
                note: "\(note)"
              name: kube-apiserver
            spec:
              containers:
              - command:
            \(words)    image: k8s.gcr.io/kube-apiserver:v1.20.2
                name: kube-apiserver
                volumeMounts:
            \(all.enumerated().map { "    - mountPath: \($1.container)\n      name: v\($0)\n" }.joined())  hostNetwork: true
              volumes:
            \(all.enumerated().map { "  - hostPath:\n      path: \($1.host)\n    name: v\($0)\n" }.joined())
            """
    }

    /// The manifest with the flag and the mount.
    static func encrypted(note: String = "") -> String {
        let directory = "/etc/kubernetes/encryption-providers"
        return manifest([configurationFlag], mounts: [(directory, directory)], note: note)
    }

    /// A configuration of one key, first or second, of 32 equal bytes.
    static func configuration(_ letter: Character, writes: Bool = true) -> String {
        let secret = Base64Text.of(Array(repeating: letter.asciiValue ?? 0, count: 32))
        let key = """
                - aescbc:
                    keys:
                    - name: key-\(letter)
                      secret: \(secret)

            """
        return """
            apiVersion: apiserver.config.k8s.io/v1
            kind: EncryptionConfiguration
            resources:
            - resources:
              - secrets
              providers:

            """ + (writes ? key + "    - identity: {}\n" : "    - identity: {}\n" + key)
    }

    static func digest(_ text: String) throws -> String { try sha256Hex(Array(text.utf8)) }

    /// A kubelet-run API server without encryption.
    func joinControlPlane() throws {
        try write(TestHost.manifestPath, TestHost.manifest(), mode: 0o640)
        try addServer(100, start: 500, flags: TestHost.flags)
    }

    /// An API server that has loaded this configuration of ours.
    func encrypt(with text: String) throws {
        try makeDirectory("/etc/kubernetes/encryption-providers", mode: 0o700)
        try makeDirectory("/var/lib/atrest", mode: 0o700)
        try write(HostProbe.managedPath, text)
        try write(TestHost.manifestPath, TestHost.encrypted(), mode: 0o640)
        try write(
            "/var/lib/atrest/record",
            "path \(HostProbe.managedPath)\ndigest \(TestHost.digest(text))\nboot_id boot-1\nuptime 400\n")
        try addServer(100, start: 500, flags: TestHost.flags + [TestHost.configurationFlag])
    }
}

enum Base64Text {
    static func of(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for digit in 0..<4 {
                text.append(digit <= group.count ? alphabet[word >> (18 - 6 * digit) & 0x3F] : "=")
            }
        }
        return text
    }
}
