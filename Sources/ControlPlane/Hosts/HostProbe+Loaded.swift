package import Reconciliation

/// What is known of the configuration that a process has in memory.
package enum LoadedEvidence: Hashable, Sendable {
    /// It runs without the flag.
    case unencrypted
    /// The file with this SHA-256, and how that is known.
    case file(digest: String, Source)
    case unknown

    package enum Source: Hashable, Sendable {
        /// The API server's own metric.
        case metric
        /// It started after the recorded write.
        case record
        /// It is the process that served when the copy for a rollback was made.
        case copy
    }
}

extension HostProbe {
    /// What a process of this control plane has loaded.
    ///
    /// `metric` is the SHA-256 that the newest process' `…_last_config_info` metric shows; nil before Kubernetes 1.34.
    package func evidence(for process: APIServerProcess, metric: String?) -> LoadedEvidence {
        guard let path = process.flags.encryptionProviderConfig else { return .unencrypted }
        if let metric, process == servers.last { return .file(digest: metric, .metric) }
        let file = pod?.manifest.hostPath(of: path) ?? path
        if let record, let digest = record.digest, record.path == file, digest == files[file]?.digest,
            record.moment.precedes(process, in: processes.bootID)
        {
            return .file(digest: digest, .record)
        }
        // With automatic reload an old process may meanwhile have loaded what was written behind it.
        if let served = rollbackCopy?.served, !process.flags.reloadsEncryption,
            served.start == HostMoment(bootID: processes.bootID, ticks: process.start)
        {
            return .file(digest: served.digest, .copy)
        }
        return .unknown
    }

    /// Which configuration the newest API server process has in memory.
    package func loaded(metric: String? = nil) -> LoadedConfiguration {
        guard let newest = servers.last else { return .notRunning }
        switch evidence(for: newest, metric: metric) {
        case .unencrypted:
            return pod?.configurationPath == nil ? .disk : .before(.unencrypted)
        case .file(let digest, _):
            if let path = pod?.configurationPath, files[path]?.digest == digest { return .disk }
            return configuration(digest: digest).map(LoadedConfiguration.before) ?? .unknown
        case .unknown:
            return .unknown
        }
    }

    /// What an older process that is still alive may read or write with.
    package var lingering: LingeringProcess {
        let older = servers.dropLast()
        if older.isEmpty { return .none }
        let held = Set(older.map { inMemory(of: $0) })
        guard held.count == 1, case .some(.some(let configuration)) = held.first else { return .unknown }
        return .holding(configuration)
    }

    private func inMemory(of process: APIServerProcess) -> EncryptionConfiguration? {
        switch evidence(for: process, metric: nil) {
        case .unencrypted: .unencrypted
        case .file(let digest, _): configuration(digest: digest)
        case .unknown: nil
        }
    }

    /// The configuration with this SHA-256, if any file of the host still holds it.
    private func configuration(digest: String) -> EncryptionConfiguration? {
        let copies = [rollbackCopy?.configuration].compactMap(\.self)
        guard let file = (configurationFiles + copies).first(where: { $0.digest == digest }) else { return nil }
        return readConfiguration(file).configuration
    }

    /// Whether killed runs left files that say nothing any more.
    func hasLeftovers(metric: String?) -> Bool {
        !leftovers.isEmpty || !strayConfigurations.isEmpty || rollbackCopy != nil && !needsRollbackCopy(metric: metric)
    }

    /// True while the copy for a rollback says something that nothing else does; `commit` would forget it.
    package func needsRollbackCopy(metric: String? = nil) -> Bool {
        guard rollbackCopy != nil else { return false }
        guard let newest = servers.last, case .disk = loaded(metric: metric) else { return true }
        if case .file(_, .copy) = evidence(for: newest, metric: metric) { return true }
        return false
    }
}
