/// What a cluster without encryption is, and what it must be again after a disable, byte for byte.
struct PlainCluster: Hashable, Codable, Sendable {
    /// Every host's path, mode and owner below `/etc/kubernetes`, and whatever a run may have left behind.
    private let files: [String]
    private let manifests: [String]
    /// kubeadm's ClusterConfiguration, as the cluster keeps it.
    let recorded: String

    static func now() async throws -> PlainCluster {
        var files: [String] = []
        for host in Sandbox.hosts {
            files.append(
                try await Sandbox.onHost(host, "find /etc/kubernetes -printf '%p %m %u:%g\\n' | sort")
                    + Sandbox.leftovers(on: host))
        }
        return PlainCluster(
            files: files, manifests: try await Sandbox.apiServerManifests(),
            recorded: try await Sandbox.clusterConfiguration())
    }
}

extension Sandbox {
    /// What only a run that was cut short leaves on a host.
    static func leftovers(on host: String) async throws -> String {
        try await onHost(host, "find /etc/kubernetes /var/lib/atrest -name '.atrest-*' -o -name rollback")
    }

    /// kubeadm's ClusterConfiguration, as the cluster keeps it.
    static func clusterConfiguration() async throws -> String {
        try await kubectl(
            "-n", "kube-system", "get", "configmap", "kubeadm-config", "-o", "jsonpath={.data.ClusterConfiguration}")
    }

    /// The API servers' static pod manifests, in the hosts' order.
    static func apiServerManifests() async throws -> [String] {
        var manifests: [String] = []
        for host in hosts {
            manifests.append(try await onHost(host, "cat /etc/kubernetes/manifests/kube-apiserver.yaml"))
        }
        return manifests
    }
}
