package import Logging
package import Reconciliation

extension ClusterSession {
    /// A session that connects to a host only as it is looked at, so that one that is down hides no other.
    package static func forLooking(
        _ inventory: Inventory, hostKeys: HostKeyPolicy = HostKeyPolicy(), logger: Logger
    ) throws -> ClusterSession {
        ClusterSession(
            inventory: inventory, ssh: try SSHSession(inventory: inventory, hostKeys: hostKeys, logger: logger),
            archivedKeys: nil, limits: RunLimits(), logger: logger)
    }

    /// Looks at all hosts, then at etcd, and says what of it could not be seen; waits for nothing to become better.
    ///
    /// `declared` are further resources to look at in etcd. With `afterOldServers` old API servers, which end by themselves
    /// within half a minute, are waited for: what they write comes before the look at etcd. With `andHistory` etcd is asked for
    /// what it still has of before.
    ///
    /// - Throws: `HostFailures` where no host could be looked at; `CancellationError`.
    package func look(
        alsoAt declared: [ResourceName] = [], afterOldServers: Bool = false, andHistory: Bool = false
    ) async throws -> ClusterSighting {
        try await untilStopped {
            var hosts = try await lookAtHosts()
            if afterOldServers, try await waitForOldServers(of: hosts) { hosts = try await lookAtHosts() }
            let seen = hosts.compactMap(\.found?.host)
            let joined = seen.filter { $0.health != .notJoined }.map(\.name)
            var problems: [String] = []
            let speaker = speakers(among: seen).first
            var kubeadm: KubeadmRecord?
            if let speaker {
                let path = try probe(of: speaker).configurationPath
                kubeadm = try await noting(&problems) { try await kubeadmRecord(through: speaker, path: path) }
                let since = try await noting(&problems) { try await server(of: speaker).apiServersReadySince() }
                try note(since ?? [:], in: &hosts)
                let unseen = Set(hosts.filter { $0.found == nil }.map(\.name))
                try await noting(&problems) { try await checkInventory(joined, without: unseen, through: speaker) }
            } else if !joined.isEmpty {
                problems.append(
                    "no API server answers: whether these hosts are the whole control plane, and what kubeadm-config has, is "
                        + "not known")
            }
            let names = resources(namedBy: seen).union(declared)
            let stored = try await lookAtStorage(at: names, on: joined, speaker: speaker)
            if let speaker, case .known = stored {
                let found = try await noting(&problems) { try await leftovers(under: names, through: speaker) }
                problems += (found ?? []).map(\.description)
            }
            return ClusterSighting(
                hosts: hosts, stored: stored, kubeadm: kubeadm, problems: problems,
                history: andHistory ? try await lookAtHistory(of: stored) : .notLookedAt)
        }
    }

    private func lookAtHistory(of stored: StorageSighting) async throws -> HistorySighting {
        switch stored {
        case .unknown(let reason): return .unknown(reason: reason)
        case .known(let censuses, _):
            do {
                return .known(try await history(of: censuses))
            } catch {
                try Task.checkCancellation()
                return .unknown(reason: "\(error)")
            }
        }
    }

    /// False where there was none to wait for.
    private func waitForOldServers(of hosts: [HostSighting]) async throws -> Bool {
        let lingering = hosts.compactMap(\.found?.host).filter { $0.lingering != .none }.map(\.name)
        guard !lingering.isEmpty else { return false }
        logger.info("waiting for old API servers to end", metadata: ["hosts": "\(lingering.map(\.text))"])
        do {
            try await perform(.settle(lingering))
        } catch {
            // The second look finds it again.
            try Task.checkCancellation()
            logger.info("an old API server does not end", metadata: ["reason": "\(error)"])
        }
        return true
    }

    private func lookAtHosts() async throws -> [HostSighting] {
        let names = inventory.hosts.map(\.name)
        let results = try await attemptOnEach(names) { try await self.found($0) }
        var failures: [HostFailures.Failure] = []
        var hosts: [HostSighting] = []
        for (host, result) in zip(inventory.hosts, results) {
            let outcome: HostSighting.Outcome
            switch result {
            case .success(let found): outcome = .seen(found)
            case .failure(let error):
                failures.append(.init(host: host.name, error: error))
                outcome = .unseen(reason: "\(HostFailures(of: host.name, error))")
            }
            hosts.append(HostSighting(name: host.name, address: host.address, outcome: outcome))
        }
        guard failures.count < hosts.count else { throw HostFailures(failures: failures) }
        return hosts
    }

    /// Looks at one host.
    private func found(_ name: HostName) async throws -> HostSighting.Found {
        probes[name] = nil
        let probe = try await HostProbe.read(from: ssh.shell, host: name)
        if case .foreign(let kind) = probe.controlPlane { throw kind }
        probes[name] = probe
        material.merge(probe.keyMaterial)
        let health: (health: HostHealth, answers: Bool)
        do {
            health = try await self.health(of: name)
        } catch {
            // The host is there; only the way to its API server is not.
            try Task.checkCancellation()
            health = (.unhealthy(failing: ["\(error)"]), false)
        }
        metrics[name] = health.answers ? try await loadedMetric(of: name) : nil
        var host = probe.observed(metric: metrics[name], health: health.health)
        if case .repairable = health.health, !health.answers { host.loaded = .notRunning }
        host.silentKMS = try await silentKMS(on: name)
        healths[name] = health.health
        let version = health.answers ? try? await server(of: name).version() : nil
        return HostSighting.Found(host: host, isCustom: customHosts.contains(name), version: version)
    }

    /// Nil where that fails; the reason joins the problems.
    @discardableResult
    private func noting<Value>(
        _ problems: inout [String], _ body: () async throws -> Value
    ) async throws -> Value? {
        do {
            return try await body()
        } catch {
            try Task.checkCancellation()
            problems.append("\(error)")
            return nil
        }
    }

    /// Notes since when each API server that is ready has been so, by the address that it serves at.
    private func note(_ since: [String: String], in hosts: inout [HostSighting]) throws {
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
        at names: Set<ResourceName>, on joined: [HostName], speaker: HostName?
    ) async throws -> StorageSighting {
        guard !joined.isEmpty else { return .unknown(reason: "\(NoControlPlane())") }
        if let split = joined.first(where: { probes[$0]?.pod?.flags["etcd-servers-overrides"] != nil }) {
            return .unknown(reason: "\(StorageIsSplit(host: split))")
        }
        var reason = ""
        for host in ([speaker].compactMap(\.self) + joined.filter { $0 != speaker }) {
            do {
                // Without an API nobody can say what a wildcard covers.
                let unexamined = speaker == nil ? names.filter(\.isWildcard) : []
                let resources = try await resources(meantBy: names.subtracting(unexamined))
                let censuses = try await census(of: resources, through: host, comparedWith: speaker)
                return .known(censuses, unexamined: unexamined.sorted())
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
