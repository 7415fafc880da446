import Testing

/// Everything that runs against the real control plane, one test at a time; `scripts/test` brings it up.
@Suite(.serialized) struct OnTheSandbox {}

extension Sandbox {
    /// The API servers' static pod manifests, in the hosts' order.
    static func apiServerManifests() async throws -> [String] {
        var manifests: [String] = []
        for host in hosts {
            manifests.append(try await onHost(host, "cat /etc/kubernetes/manifests/kube-apiserver.yaml"))
        }
        return manifests
    }
}
