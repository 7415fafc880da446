internal import Reconciliation

extension ClusterSession {
    /// What kubeadm's ClusterConfiguration says about encryption.
    func kubeadmRecord(through host: HostName) async throws -> KubeadmRecord {
        guard let recorded = try await server(of: host).kubeadmConfiguration() else { return .unavailable }
        return try KubeadmClusterConfiguration(recorded.text)
            .record(encryptionConfigurationPath: recordedPath, kmsSockets: [])
    }

    /// Adds our entries to kubeadm's ClusterConfiguration, or removes them; whoever wrote it meanwhile is not overwritten.
    func changeKubeadmRecord(isWanted: Bool) async throws {
        let joined = inventory.hosts.map(\.name).filter { probes[$0]?.pod != nil }
        guard let host = joined.first(where: { healths[$0] == .ready }) ?? joined.first else { return }
        try await checkLock()
        do {
            try await change(isWanted: isWanted, through: try await server(of: host))
        } catch let error as any NamesNoHost {
            throw HostFailures(of: host, error)
        }
    }

    private func change(isWanted: Bool, through server: APIServer) async throws {
        for _ in 0..<5 {
            guard var recorded = try await server.kubeadmConfiguration() else { return }
            let configuration = try KubeadmClusterConfiguration(recorded.text)
            recorded.text =
                try isWanted
                ? configuration.patched(encryptionConfigurationPath: recordedPath, kmsSockets: [])
                : configuration.unpatched()
            do {
                return try await server.replace(recorded)
            } catch let status as APIStatus where status.isConflict {
                continue
            }
        }
        throw KubeadmConfigKeepsChanging()
    }

    /// The path that new hosts get the flag with: the first host's.
    private var recordedPath: String {
        inventory.hosts.lazy.compactMap { self.probes[$0.name] }.first { $0.pod != nil }?.configurationPath
            ?? HostProbe.managedPath
    }
}

/// Somebody else writes the ConfigMap again and again.
package struct KubeadmConfigKeepsChanging: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String {
        "the ConfigMap kube-system/kubeadm-config was changed by somebody else five times in a row; run the same command again"
    }
}
