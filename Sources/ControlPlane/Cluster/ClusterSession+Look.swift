package import Logging
package import Reconciliation

extension ClusterSession {
    /// A session that connects to a host only as it is looked at, so that one that is down hides no other.
    package static func forLooking(_ inventory: Inventory, logger: Logger) throws -> ClusterSession {
        ClusterSession(
            inventory: inventory, ssh: try SSHSession(inventory: inventory, logger: logger), archivedKeys: nil,
            restartTimeout: defaultRestartTimeout, logger: logger)
    }

    /// Looks at all hosts, then at etcd, and says what of it could not be seen; waits for nothing to become better.
    ///
    /// `declared` are further resources to look at in etcd.
    ///
    /// - Throws: `HostFailures` where no host could be looked at; `CancellationError`.
    package func look(alsoAt declared: [ResourceName] = []) async throws -> ClusterSighting {
        try await untilStopped {
            var hosts = try await lookAtHosts()
            let seen = hosts.compactMap(\.found?.host)
            var problems: [String] = []
            let speaker = speakers(among: seen).first
            var kubeadm: KubeadmRecord?
            if let speaker {
                do {
                    kubeadm = try await kubeadmRecord(through: speaker)
                    try await notePods(in: &hosts, through: speaker)
                    let joined = seen.filter { $0.health != .notJoined }.map(\.name)
                    let unseen = Set(hosts.filter { $0.found == nil }.map(\.name))
                    try await checkInventory(joined, without: unseen, through: speaker)
                } catch {
                    try Task.checkCancellation()
                    problems.append("\(error)")
                }
            }
            let stored = try await lookAtStorage(of: seen, alsoAt: declared, speaker: speaker)
            return ClusterSighting(hosts: hosts, stored: stored, kubeadm: kubeadm, problems: problems)
        }
    }

    private func lookAtHosts() async throws -> [HostSighting] {
        let shell = ssh.shell
        let names = inventory.hosts.map(\.name)
        let probed = try await attemptOnEach(names) { try await HostProbe.read(from: shell, host: $0) }
        for case .success(let probe) in probed {
            probes[probe.host] = probe
            material.merge(probe.keyMaterial)
        }
        let failures = zip(names, probed).compactMap { host, result -> HostFailures.Failure? in
            if case .failure(let error) = result { .init(host: host, error: error) } else { nil }
        }
        guard failures.count < names.count else { throw HostFailures(failures: failures) }
        let found = try await attemptOnEach(probes.keys.sorted()) { try await self.found($0) }
        let outcomes = Dictionary(uniqueKeysWithValues: zip(probes.keys.sorted(), found))
        return inventory.hosts.map { host in
            let outcome: HostSighting.Outcome
            switch outcomes[host.name] {
            case .success(let found)?: outcome = .seen(found)
            case .failure(let error)?: outcome = .unseen(reason: "\(HostFailures(of: host.name, error))")
            case nil:
                let failures = failures.filter { $0.host == host.name }
                outcome = .unseen(reason: "\(HostFailures(failures: failures))")
            }
            return HostSighting(name: host.name, address: host.address, outcome: outcome)
        }
    }

    /// What one probed host is.
    private func found(_ name: HostName) async throws -> HostSighting.Found {
        let probe = try probe(of: name)
        if case .foreign(let kind) = probe.controlPlane { throw kind }
        let health: (health: HostHealth, answers: Bool)
        do {
            health = try await self.health(of: name)
        } catch {
            // The host is there; only the way to its API server is not.
            try Task.checkCancellation()
            health = (.unhealthy(failing: ["\(error)"]), false)
        }
        var host = probe.observed(health: health.health)
        if case .repairable = health.health, !health.answers { host.loaded = .notRunning }
        healths[name] = health.health
        let version = health.answers ? try? await server(of: name).version() : nil
        return HostSighting.Found(host: host, isCustom: customHosts.contains(name), version: version)
    }

    /// Notes since when each API server that is ready has been so.
    private func notePods(in hosts: inout [HostSighting], through speaker: HostName) async throws {
        let since = try await server(of: speaker).apiServersReadySince()
        for index in hosts.indices {
            guard case .seen(var found) = hosts[index].outcome, found.host.health == .ready,
                let address = try probe(of: found.host.name).pod?.flags.advertiseAddress
            else { continue }
            found.readySince = since[address]
            hosts[index].outcome = .seen(found)
        }
    }

    /// Asks the etcd of one host after the other until one answers.
    private func lookAtStorage(
        of hosts: [ObservedHost], alsoAt declared: [ResourceName], speaker: HostName?
    ) async throws -> StorageSighting {
        let joined = hosts.filter { $0.health != .notJoined }.map(\.name)
        guard !joined.isEmpty else { return .unknown(reason: "\(NoControlPlane())") }
        if let split = joined.first(where: { probes[$0]?.pod?.flags["etcd-servers-overrides"] != nil }) {
            return .unknown(reason: "\(StorageIsSplit(host: split))")
        }
        let resources = resources(namedBy: hosts).union(declared)
        var reason = ""
        for host in ([speaker].compactMap(\.self) + joined.filter { $0 != speaker }) {
            do {
                let censuses = try await census(
                    of: resources.filter { !$0.isWildcard }, through: host, comparedWith: speaker)
                return .known(censuses, unexamined: resources.filter(\.isWildcard).sorted())
            } catch {
                try Task.checkCancellation()
                if reason.isEmpty { reason = "\(error)" }
                // Without a quorum no other member answers either.
                if case .timedOut? = error as? EtcdFailure { break }
            }
        }
        return .unknown(reason: reason)
    }
}
