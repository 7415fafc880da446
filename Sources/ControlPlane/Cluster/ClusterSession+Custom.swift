package import Reconciliation

extension ClusterSession {
    /// Has every host end with the operator's own configuration; given before the first look.
    ///
    /// With `rewritingAll` each resource is written anew once, also where etcd shows no difference.
    package func ask(for custom: EncryptionConfigurationFile, rewritingAll: Bool = false) {
        self.custom = custom
        rewritesAll = rewritingAll
        material.merge(custom.material)
    }

    /// Makes sure that every API server of now can carry the operator's own configuration out.
    ///
    /// - Throws: `EncryptionFileError`, where the first one cannot.
    package func checkSupport(of custom: EncryptionConfigurationFile) throws {
        for host in inventory.hosts {
            guard let support = probes[host.name]?.pod.flatMap(EncryptionSupport.init) else { continue }
            try custom.check(for: support, label: "the custom configuration")
        }
    }

    /// The hosts that run with the operator's own configuration, as the last look found them: by its path, or by a KMS in it.
    package var customHosts: [HostName] {
        inventory.hosts.map(\.name).filter { name in
            guard let probe = probes[name], let path = probe.pod?.configurationPath else { return false }
            let keys = probe.files[path].flatMap { probe.readConfiguration($0).configuration?.keys } ?? []
            return path == HostProbe.customPath || keys.contains { $0 != .identity && !$0.isLocal }
        }
    }
}
