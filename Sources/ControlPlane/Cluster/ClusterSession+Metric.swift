internal import Logging
internal import Reconciliation

extension ClusterSession {
    /// What the newest API server process of a host says that it has loaded; nil where it does not say.
    ///
    /// Asked over a connection that was made after the probe. Where the processes have changed since, nobody can tell of which
    /// one the answer is, and it does not count.
    func loadedMetric(of host: HostName) async throws -> String? {
        let probe = try probe(of: host)
        guard let version = probe.pod?.version.flatMap(KubernetesVersion.init), version >= Self.firstWithMetric,
            let newest = probe.servers.last, newest.isServing, newest.flags.encryptionProviderConfig != nil
        else { return nil }
        let digest: String?
        do {
            digest = try await server(of: host).loadedConfigurationDigest()
        } catch {
            // It is then known as of an older server: by the record of the last write.
            try Task.checkCancellation()
            logger.info("what is loaded cannot be read", metadata: ["host": "\(host)", "reason": "\(error)"])
            return nil
        }
        let now = try await watch.processes(of: host)
        return now.signature == probe.processes.signature ? digest : nil
    }

    private static let firstWithMetric = KubernetesVersion(1, 34)
}
