import FoundationEssentials
import Testing

/// The control plane as KubeOne leaves it that has encrypted it.
enum KubeOne {
    private static let directory = "/etc/kubernetes/encryption-providers"
    private static let file = directory + "/encryption-providers.yaml"

    /// Encrypts a cluster whose Secrets are plain text; returns the key's name.
    ///
    /// As KubeOne does it: the file, kubeadm's configuration, manifests made of it by kubeadm, then every Secret written back.
    static func encrypt() async throws -> String {
        let name = "kubeone-" + String((0..<6).compactMap { _ in "bcdfghjklmnpqrstvwxz2456789".randomElement() })
        let secret = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        let configuration = try await recorded()
        for host in Sandbox.hosts {
            _ = try await Sandbox.onHost(
                host,
                """
                find /var/lib/atrest -mindepth 1 -delete
                mkdir -p \(directory)
                cat > \(file)
                chmod 600 \(file)
                """, input: encryptionConfiguration(name, secret))
        }
        for (host, address) in zip(Sandbox.hosts, Sandbox.addresses) {
            _ = try await Sandbox.onHost(
                host,
                """
                cat > /run/kubeone.yaml
                kubeadm init phase control-plane apiserver --config /run/kubeone.yaml \
                    --experimental-patches /run/sandbox/patches
                \(host == Sandbox.hosts.first ? "kubeadm init phase upload-config kubeadm --config /run/kubeone.yaml" : "")
                rm /run/kubeone.yaml
                """, input: kubeadmConfiguration(configuration, advertising: address))
        }
        for (host, address) in zip(Sandbox.hosts, Sandbox.addresses) {
            try await Sandbox.waitUntilServing(with: file, on: host, at: address)
        }
        // A Secret that somebody changes meanwhile is not replaced.
        try await Sandbox.waitUntil("all is stored under \(name)") {
            _ = try? await Sandbox.onHost("cp1", "kubectl get secrets -A -o json | kubectl replace -f -")
            return try await Sandbox.storedForms().keys.sorted() == ["k8s:enc:aescbc:v1:\(name):"]
        }
        return name
    }

    private static func encryptionConfiguration(_ name: String, _ secret: String) -> String {
        """
        apiVersion: apiserver.config.k8s.io/v1
        kind: EncryptionConfiguration
        resources:
        - providers:
          - aescbc:
              keys:
              - name: \(name)
                secret: \(secret)
          - identity: {}
          resources:
          - secrets

        """
    }

    /// kubeadm's ClusterConfiguration with the entries that KubeOne adds.
    private static func recorded() async throws -> String {
        let flag = "  extraArgs:\n    authorization-mode: Node,RBAC\n"
        let present = try await Sandbox.clusterConfiguration()
        try #require(present.contains(flag))
        return present.replacing(
            flag,
            with: flag + """
                    encryption-provider-config: \(file)
                  extraVolumes:
                  - hostPath: \(directory)
                    mountPath: \(directory)
                    name: encryption-providers-conf
                    pathType: DirectoryOrCreate
                    readOnly: true

                """)
    }

    private static func kubeadmConfiguration(_ recorded: String, advertising address: String) -> String {
        """
        apiVersion: kubeadm.k8s.io/v1beta2
        kind: InitConfiguration
        localAPIEndpoint: {advertiseAddress: \(address), bindPort: 6443}
        ---
        \(recorded)
        """
    }
}
