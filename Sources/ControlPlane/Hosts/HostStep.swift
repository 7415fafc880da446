package import Reconciliation

/// What one host's files are to become in one step.
package struct HostStep: Sendable {
    /// Where the configuration is written: `HostProbe.managedPath`, `.customPath`, or where an adopted one stands.
    package let configurationPath: String
    /// The configuration to write; nil leaves the file alone.
    package let configuration: SecretBytes?
    /// The manifest to write; nil leaves it alone, and nothing restarts.
    package let manifest: String?

    package init(configurationPath: String, configuration: SecretBytes?, manifest: String?) {
        self.configurationPath = configurationPath
        self.configuration = configuration
        self.manifest = manifest
    }
}

/// What a step does about the way back.
package enum RollbackChoice: String, Hashable, Sendable {
    /// Copies what stands on disk, in place of any older copy.
    case fresh
    /// Leaves the copy of a step that was cut short.
    case keep
    /// There is nothing to go back to: no API server runs here.
    case none
}

extension HostProbe {
    /// The copy that the next step needs.
    ///
    /// What is on disk is worth going back to where an API server that is ready has loaded it, and where somebody else wrote it
    /// after a step of ours was cut short; else the older copy is still what the API server runs on, or last ran on. (A server
    /// that crash-loops on what is on disk has loaded it too, each time.)
    package func rollbackChoice(health: HostHealth, metric: String? = nil) -> RollbackChoice {
        guard let pod else { return .none }
        guard let copy = rollbackCopy else { return .fresh }
        let found = observed(metric: metric, health: health)
        if health == .ready, found.loaded == .disk, found.onDisk != nil { return .fresh }
        // A move that never reached the kubelet: what stands is what the copy has, and the next step may write elsewhere.
        if copy.servedPath != copy.configurationPath, copy.manifest?.digest == pod.file.digest,
            copy.configuration?.digest == files[copy.servedPath]?.digest
        {
            return .fresh
        }
        guard let digest = files[copy.configurationPath]?.digest else { return .keep }
        return digest == copy.configuration?.digest || copy.intended.contains(digest) ? .keep : .fresh
    }

    /// What the newest process has loaded, as the copy for a rollback notes it.
    func served(metric: String?) -> ServedConfiguration? {
        guard let newest = servers.last, case .file(let digest, _) = evidence(for: newest, metric: metric) else {
            return nil
        }
        return ServedConfiguration(
            digest: digest, start: HostMoment(bootID: processes.bootID, ticks: newest.start))
    }
}
