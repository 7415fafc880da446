internal import Reconciliation

extension APIServer {
    /// When each API server's pod became ready, by the address that it serves at; those that are not ready are left out.
    ///
    /// The times are as Kubernetes writes them: `2026-01-31T23:59:59Z`.
    package func apiServersReadySince() async throws -> [String: String] {
        let pods: PodList = try await get(
            "/api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-apiserver")
        return pods.items.reduce(into: [:]) { since, pod in
            let ready = pod.status?.conditions?.first { $0.type == "Ready" && $0.status == "True" }
            guard let address = pod.status?.podIP, let time = ready?.lastTransitionTime else { return }
            since[address] = time.printable(limit: 64)
        }
    }

    private struct PodList: Decodable {
        struct Pod: Decodable {
            let status: Status?
        }
        struct Status: Decodable {
            let podIP: String?
            let conditions: [Condition]?
        }
        struct Condition: Decodable {
            let type: String
            let status: String
            let lastTransitionTime: String?
        }
        let items: [Pod]
    }
}
