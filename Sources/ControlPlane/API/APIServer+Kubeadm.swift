internal import FoundationEssentials

/// kubeadm's ClusterConfiguration as the cluster keeps it.
package struct KubeadmConfiguration: Hashable, Sendable {
    /// The YAML text.
    package var text: String
    /// Of the ConfigMap when it was read.
    package let resourceVersion: String

    package init(text: String, resourceVersion: String) {
        self.text = text
        self.resourceVersion = resourceVersion
    }
}

extension APIServer {
    private static let kubeadmPath = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"

    /// Nil where the cluster has no such ConfigMap, or none with a ClusterConfiguration.
    package func kubeadmConfiguration() async throws -> KubeadmConfiguration? {
        let map: ConfigMap
        do {
            map = try await get(Self.kubeadmPath)
        } catch let status as APIStatus where status.isMissing {
            return nil
        }
        guard let text = map.data?.configuration else { return nil }
        return KubeadmConfiguration(text: text, resourceVersion: map.metadata.resourceVersion)
    }

    /// Writes the text back.
    ///
    /// Throws an ``APIStatus`` that `isConflict` where the ConfigMap has changed since it was read: read it again then.
    package func replace(_ configuration: KubeadmConfiguration) async throws {
        let patch = ConfigMap(
            metadata: .init(resourceVersion: configuration.resourceVersion),
            data: .init(configuration: configuration.text))
        let body = try JSONEncoder().encode(patch)
        let headers = [("Accept", Self.json), ("Content-Type", "application/merge-patch+json")]
        _ = try await send(HTTPRequest("PATCH", Self.kubeadmPath, headers: headers, body: [UInt8](body)))
    }

    private struct ConfigMap: Codable {
        struct Metadata: Codable {
            let resourceVersion: String
        }
        struct Content: Codable {
            let configuration: String?

            private enum CodingKeys: String, CodingKey {
                case configuration = "ClusterConfiguration"
            }
        }
        let metadata: Metadata
        let data: Content?
    }
}
