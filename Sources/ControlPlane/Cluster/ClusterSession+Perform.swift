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
        case .configure(let host, let target, _):
            // A host that was begun is finished, also where the run is asked to stop.
            try await Task { try await configure(host, target) }.value
        case .stage(let host, let target): try await stage(host, target)
        case .settle(let hosts): try await settle(hosts)
        case .tidy(let hosts):
            for host in hosts { try await writer.commit(try probe(of: host)) }
        case .recordInKubeadm: try await changeKubeadmRecord(isWanted: true)
        case .removeFromKubeadm: try await changeKubeadmRecord(isWanted: false)
        case .rewrite(let rewrites):
            try await checkLock()
            try await rewrite(rewrites, progress)
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
        if target == .removed {
            return try await writer.removeConfiguration(HostProbe.managedPath, on: probe)
        }
        let content = try EncryptionConfigurationFile.render(target.configuration, material)
        try await writer.install(
            HostStep(configurationPath: HostProbe.managedPath, configuration: content, manifest: nil), on: probe)
    }
}
