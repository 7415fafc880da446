package import Reconciliation
internal import Synchronization

extension ClusterSession {
    /// Makes one change and checks its postcondition.
    ///
    /// Where the run is asked to stop, a wait or a rewrite ends at once: both are begun again as if they had not been. Everything
    /// else is finished, a rollback included, so that no host is left in the middle of a step.
    ///
    /// - Parameters:
    ///   - step: as `decide` gave it, for the cluster as `observe` found it last.
    ///   - progress: told how the step goes on, often.
    /// - Throws: `RolledBack` where a host got back what it had; `CancellationError` where the step was not finished.
    package func perform(
        _ step: Step, progress: @escaping @Sendable (StepProgress) -> Void = { _ in }
    ) async throws {
        try keepKeys(of: step)
        tell = progress
        try await tellingLostLock { try await carryOut(step) }
    }

    private func carryOut(_ step: Step) async throws {
        switch step {
        case .settle(let hosts):
            try await untilStopped { try await settle(hosts) }
        case .rewrite(let rewrites):
            try await untilStopped {
                // What goes on behind a lock that is lost meanwhile does no harm: an empty patch has the server store what it
                // stores already, under the write key that this server has, which every other can read by then, whoever
                // leads the cluster through the rounds; any client's write does the same. The next step looks at the lock again.
                try await checkLock()
                try await rewrite(rewrites)
            }
        case .configure, .stage, .tidy, .recordInKubeadm, .removeFromKubeadm, .purgeHistory:
            // A task of its own is not cancelled with the run.
            try await Task { try await finish(step) }.value
        }
    }

    private func finish(_ step: Step) async throws {
        switch step {
        case .configure(let host, let target, _): try await configure(host, target)
        case .stage(let host, let target): try await stage(host, target)
        case .tidy(let hosts):
            for host in hosts {
                let probe = try probe(of: host)
                try await removeStrays(of: probe)
                try await writer.commit(probe)
            }
        case .recordInKubeadm: try await changeKubeadmRecord(isWanted: true)
        case .removeFromKubeadm: try await changeKubeadmRecord(isWanted: false)
        case .purgeHistory(let member): try await purgeHistory(of: member)
        case .settle, .rewrite: break
        }
    }

    /// Whatever fails behind a request to stop fails because of it.
    func untilStopped<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    private func settle(_ hosts: [HostName]) async throws {
        let flags = try hosts.reduce(into: [:]) { $0[$1] = try probe(of: $1).pod?.flags }
        let (watch, tell) = (watch, tell)
        let left = Mutex(hosts)
        tell(.waits(for: .oldServers(hosts)))
        _ = try await onEach(hosts) { host in
            if let flags = flags[host] { try await watch.quiet(flags, on: host) }
            let waiting = left.withLock { left in
                left.removeAll { $0 == host }
                return left
            }
            if !waiting.isEmpty { tell(.waits(for: .oldServers(waiting))) }
        }
    }

    private func stage(_ host: HostName, _ target: Target) async throws {
        let probe = try probe(of: host)
        if target == .removed {
            let path = probe.configurationPath
            return try await writer.removeConfiguration(path, digest: probe.files[path]?.digest, on: probe)
        }
        let content = try EncryptionConfigurationFile.render(target.configuration, material)
        try await writer.install(
            HostStep(configurationPath: recordedPath, configuration: content, manifest: nil), on: probe)
        for file in probe.configurationFiles where file.path != recordedPath {
            try await writer.removeConfiguration(file.path, digest: file.digest, on: probe)
        }
    }

    /// Removes configurations that a run left behind at another path when it died, once nothing needs their keys.
    private func removeStrays(of probe: HostProbe) async throws {
        let kept =
            probe.files[probe.configurationPath].flatMap { probe.readConfiguration($0).configuration?.keys } ?? []
        for file in probe.strayConfigurations {
            let keys = probe.readConfiguration(file).configuration?.keys ?? []
            try await proveNothingIsStored(under: keys.subtracting(kept), host: probe.host)
            try await writer.removeConfiguration(file.path, digest: file.digest, on: probe)
        }
    }
}
