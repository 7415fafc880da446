package import Reconciliation

extension ClusterSession {
    /// Makes one change and checks its postcondition.
    ///
    /// - Parameters:
    ///   - step: as `decide` gave it, for the cluster as `observe` found it last.
    ///   - progress: called with the objects that are done and their total, while a rewrite runs.
    /// - Throws: `RolledBack` where a host got back what it had.
    package func perform(_ step: Step, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void) async throws {
        switch step {
        case .configure(let host, let target, _): try await configure(host, target)
        case .stage(let host, let target): try await stage(host, target)
        case .settle(let hosts): try await settle(hosts)
        case .recordInKubeadm: try await changeKubeadmRecord(isWanted: true)
        case .removeFromKubeadm: try await changeKubeadmRecord(isWanted: false)
        case .rewrite(let rewrites): try await rewrite(rewrites, progress)
        }
    }

    private func settle(_ hosts: [HostName]) async throws {
        let flags = try hosts.reduce(into: [:]) { $0[$1] = try probe(of: $1).pod?.flags }
        let watch = watch
        _ = try await onEach(hosts) { host in
            if let flags = flags[host] { try await watch.quiet(flags, on: host) }
        }
    }

    private func stage(_ host: HostName, _ target: Target) async throws {
        let probe = try probe(of: host)
        let content = try EncryptionConfigurationFile.render(target.configuration, material)
        try await writer.install(
            HostStep(configurationPath: HostProbe.managedPath, configuration: content, manifest: nil), on: probe)
    }
}
