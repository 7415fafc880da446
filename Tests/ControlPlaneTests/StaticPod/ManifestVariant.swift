import Foundation
import Testing

/// A manifest that somebody might have, made by hand or by a tool.
struct ManifestVariant: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String

    init(_ name: String, _ text: String) {
        testDescription = name
        self.text = text
    }

    /// What `kubeadm init phase control-plane apiserver` 1.20.2 wrote.
    static let kubeadm = fixture("kubeadm-1.20.2.yaml")

    static func fixture(_ name: String) -> String {
        guard let url = Bundle.module.url(forResource: "Fixtures/StaticPod/\(name)", withExtension: nil),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { fatalError("the fixture \(name) is missing") }
        return text
    }

    static let all: [ManifestVariant] = fromKubeadm + byHand

    private static let volumeMounts = section("    volumeMounts:", upTo: "\n  hostNetwork")
    private static let volumes = section("  volumes:", upTo: "\nstatus")

    /// The part of kubeadm's text from one place to another.
    private static func section(_ first: String, upTo last: String) -> String {
        guard let start = kubeadm.range(of: first), let end = kubeadm.range(of: last) else {
            fatalError("kubeadm's text has no \(first)")
        }
        return String(kubeadm[start.lowerBound..<end.lowerBound])
    }

    private static func kubeadm(_ old: String, _ new: String) -> String {
        precondition(kubeadm.contains(old), "kubeadm's text has no \(old)")
        return kubeadm.replacing(old, with: new)
    }

    private static let annotation =
        "  annotations:\n    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: 192.0.2.11:6443\n"

    private static let fromKubeadm: [ManifestVariant] = [
        ManifestVariant("kubeadm's", kubeadm),
        ManifestVariant("CRLF", kubeadm.replacing("\n", with: "\r\n")),
        ManifestVariant("no final newline", String(kubeadm.dropLast())),
        ManifestVariant("volumes last, no final newline", kubeadm("\nstatus: {}\n", "")),
        ManifestVariant(
            "volumes last, CRLF, no final newline", kubeadm("\nstatus: {}\n", "").replacing("\n", with: "\r\n")),
        ManifestVariant("volumes last, comment behind", kubeadm("\nstatus: {}\n", "\n# the end, without a newline")),
        ManifestVariant("byte order mark", "\u{FEFF}" + kubeadm),
        ManifestVariant("document markers", "---\n# \u{00E4}\u{1F600}\n" + kubeadm + "...\n"),
        ManifestVariant("annotations missing", kubeadm(annotation, "")),
        ManifestVariant("annotations {}", kubeadm(annotation, "  annotations: {}\n")),
        ManifestVariant("annotations { }", kubeadm(annotation, "  annotations: { } # none\n")),
        ManifestVariant("annotations without a value", kubeadm(annotation, "  annotations: # none\n")),
        ManifestVariant("annotations in flow style", kubeadm(annotation, "  annotations: {a: b, \"c\": 'd',}\n")),
        ManifestVariant(
            "annotation with a literal block last",
            kubeadm(annotation, annotation + "    note: |+\n      \u{00FC}ber\n      # no comment\n\n\n")),
        ManifestVariant(
            "annotations last in metadata",
            kubeadm(annotation, "").replacing(
                "  namespace: kube-system\n", with: "  namespace: kube-system\n" + annotation)),
        ManifestVariant("volumes missing", kubeadm(volumes + "\n", "")),
        ManifestVariant("volumes without a value", kubeadm(volumes, "  volumes:")),
        ManifestVariant("volumes []", kubeadm(volumes, "  volumes: []")),
        ManifestVariant("volumes [ ]", kubeadm(volumes, "  volumes: [ ]")),
        ManifestVariant("volumeMounts missing", kubeadm(volumeMounts + "\n", "")),
        ManifestVariant("volumeMounts without a value", kubeadm(volumeMounts, "    volumeMounts:")),
        ManifestVariant("volumeMounts []", kubeadm(volumeMounts, "    volumeMounts: []")),
        ManifestVariant(
            "args", kubeadm("    - kube-apiserver\n", "    - kube-apiserver\n    args:\n")),
        ManifestVariant(
            "two words", kubeadm("    - --secure-port=6443\n", "    - --secure-port\n    - \"6443\"\n")),
        ManifestVariant(
            "two words last",
            kubeadm("    - --tls-private-key-file=/", "    - --tls-private-key-file\n    - /")),
        ManifestVariant(
            "quoted flags",
            kubeadm("--tls-private-key-file=/etc/kubernetes/pki/apiserver.key", "'--tls-private-key-file=it''s'")),
        ManifestVariant(
            "comments everywhere",
            kubeadm.split(separator: "\n").map { "\($0) #\twhy \u{2014} \u{1F511}" }
                .joined(separator: "\n  # \u{00E4}\n\n") + "\n# end\n"),
        ManifestVariant(
            "sidecar first",
            kubeadm(
                "  containers:\n",
                "  containers:\n  - name: kms\n    image: kms\n    volumeMounts:\n    - {name: sock, mountPath: /sock}\n"
            )),
    ]

    private static let byHand: [ManifestVariant] = [
        ManifestVariant(
            "flow everywhere",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: kube-apiserver, namespace: kube-system}   # flow
            spec:
                containers:
                  -   name: kube-apiserver
                      command: [ kube-apiserver, "--secure-port=6443", # port
                                 '--profiling', --etcd-servers, 'https://127.0.0.1:2379',
                               ]
                      volumeMounts: [{name: pki, mountPath: /pki}]
                volumes: [{name: pki, hostPath: {path: /pki}}]

            """),
        ManifestVariant(
            "JSON",
            """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "kube-apiserver", "annotations": null},
             "spec": {"containers": [{"name": "a", "command": ["/usr/local/bin/kube-apiserver", "--secure-port=6443"]}]}}
            """),
        ManifestVariant(
            "deep indentation, indented lists, comments at the ends",
            """
            kind: Pod
            apiVersion: v1
            spec:
                hostNetwork: true
                volumes:
                    -   name: pki
                        hostPath:
                            path: /pki   # \u{043A}\u{043B}\u{044E}\u{0447}\u{0438}
                    # about what follows
                containers:
                    -   name: kube-apiserver
                        image: kube-apiserver
                        command:
                            -   kube-apiserver
                        args:
                            # the port
                            -   --secure-port
                            -   "6443"
                            # the end of args

                        # about the mounts
                        volumeMounts:
                            -   mountPath: /pki
                                name: pki
                            # the end of mounts
            # about metadata
            metadata:
                name: kube-apiserver
                labels:
                    tier: control-plane # last

            # the end
            """),
        ManifestVariant(
            "folded flag last, anchors elsewhere",
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: &name kube-apiserver
              labels: &labels {component: *name}
            spec:
              containers:
              - name: *name
                command:
                - kube-apiserver
                - --secure-port=6443
                - >-
                  --audit-log-path=/var/log/a
                env: []

            """),
    ]
}
