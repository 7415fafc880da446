package import Reconciliation

extension ClusterSession {
    /// The hosts that run with the operator's own configuration, as the last look found them: by its path, or by a KMS in it.
    package var customHosts: [HostName] {
        inventory.hosts.map(\.name).filter { name in
            guard let probe = probes[name], let path = probe.pod?.configurationPath else { return false }
            let keys = probe.files[path].flatMap { probe.readConfiguration($0).configuration?.keys } ?? []
            return path == HostProbe.customPath || keys.contains { $0 != .identity && !$0.isLocal }
        }
    }
}
