internal import Reconciliation

extension ClusterSession {
    /// What kubeadm's ClusterConfiguration says about encryption, where hosts have the configuration at this path.
    func kubeadmRecord(through host: HostName, path: String) async throws -> KubeadmRecord {
        guard let recorded = try await server(of: host).kubeadmConfiguration() else { return .unavailable }
        return try KubeadmClusterConfiguration(recorded.text)
            .record(encryptionConfigurationPath: path, kmsSockets: recordedSockets)
    }

    /// Adds our entries to kubeadm's ClusterConfiguration, or removes them; whoever wrote it meanwhile is not overwritten.
    func changeKubeadmRecord(isWanted: Bool) async throws {
        try await throughAnyServer { server in try await self.change(isWanted: isWanted, through: server) }
    }

    /// Makes sure that the entries can be added or removed, and changes nothing.
    func rehearseKubeadmRecord(isWanted: Bool) async throws {
        try await throughAnyServer { server in
            guard let recorded = try await server.kubeadmConfiguration() else { return }
            _ = try self.changed(recorded.text, isWanted: isWanted)
        }
    }

    private func throughAnyServer(_ body: (APIServer) async throws -> Void) async throws {
        let joined = inventory.hosts.map(\.name).filter { probes[$0]?.pod != nil }
        guard let host = joined.first(where: { healths[$0] == .ready }) ?? joined.first else { return }
        do {
            try await body(try await server(of: host))
        } catch let error as any NamesNoHost {
            throw HostFailures(of: host, error)
        }
    }

    private func changed(_ text: String, isWanted: Bool) throws -> String {
        let configuration = try KubeadmClusterConfiguration(text)
        return try isWanted
            ? configuration.patched(encryptionConfigurationPath: recordedPath, kmsSockets: recordedSockets)
            : configuration.unpatched()
    }

    private func change(isWanted: Bool, through server: APIServer) async throws {
        var last: APIStatus?
        for _ in 0..<5 {
            guard var recorded = try await server.kubeadmConfiguration() else { return }
            recorded.text = try changed(recorded.text, isWanted: isWanted)
            // No host's guard can be held around a request. So the lock is looked at as late as can be, and what another run
            // writes between the read and the patch makes it a conflict; what is left is a freeze between this line and the next
            // one, and a run that found nothing to change in the record: then the next run puts it right.
            try await checkLock()
            do {
                return try await server.replace(recorded)
            } catch let status as APIStatus where status.isConflict || status.isTransient {
                // Whether a server that failed has written it, the next read tells.
                last = status
            }
        }
        if let last, !last.isConflict { throw last }
        throw KubeadmConfigKeepsChanging()
    }

    /// The KMS plugins that new hosts need: those of the operator's configuration, and those that any host has still.
    private var recordedSockets: [KMSSocket] {
        let wanted = custom?.configuration.kmsSockets ?? []
        let live = inventory.hosts.compactMap { probes[$0.name] }
            .flatMap { $0.kmsKeys.sorted().compactMap(\.kmsSocket) }
        var seen: Set<KMSSocket> = []
        return (wanted + live).filter { seen.insert($0).inserted }
    }

    /// The path that new hosts get the flag with: what every host ends with.
    var recordedPath: String { custom == nil ? HostProbe.managedPath : HostProbe.customPath }
}

/// Somebody else writes the ConfigMap again and again.
package struct KubeadmConfigKeepsChanging: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String {
        "the ConfigMap kube-system/kubeadm-config was changed by somebody else five times in a row; run the same command again"
    }
}
