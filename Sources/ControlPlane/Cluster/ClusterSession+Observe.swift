internal import Logging
package import Reconciliation

extension ClusterSession {
    /// Looks at all hosts, then at etcd.
    ///
    /// An API server that does not serve, or not well, is given time to come back: the run before may have been killed while
    /// it restarted.
    ///
    /// - Throws: `HostFailures`; `NobodyServes`; `NotTheWholeControlPlane` and `NotOneCluster`; `EtcdFailure`.
    package func observe() async throws -> ObservedCluster {
        try await untilStopped {
            var examined: [Patience.Finding] = []
            while true {
                let (hosts, findings) = try await tellingLostLock { try await observeHosts() }
                guard patience.lasts(for: findings, at: .now) else { return try await observeCluster(hosts) }
                // One that cannot read all that is stored does not become ready by itself.
                if findings != examined, findings.allSatisfy(\.isUnreadable) {
                    examined = findings
                    let cluster = try await observeCluster(hosts)
                    if findings.allSatisfy({ cluster.hostsThatCannotRead.contains($0.host) }) { return cluster }
                }
                let waitedFor = findings.map(\.host.text).joined(separator: ", ")
                logger.info("waiting for API servers to be ready", metadata: ["hosts": "\(waitedFor)"])
                try await ContinuousClock().sleep(for: .milliseconds(500))
            }
        }
    }

    /// Looks at all hosts; the findings are those that may pass by themselves.
    private func observeHosts() async throws -> (hosts: [ObservedHost], findings: [Patience.Finding]) {
        let names = inventory.hosts.map(\.name)
        for probe in try await HostProbe.read(from: ssh.shell, hosts: names, knowing: probes) {
            if case .foreign(let kind) = probe.controlPlane { throw HostFailures(of: probe.host, kind) }
            if probe.pod?.flags["etcd-servers-overrides"] != nil { throw StorageIsSplit(host: probe.host) }
            probes[probe.host] = probe
            material.merge(probe.keyMaterial)
        }
        let everywhere = probes.values.reduce(into: Set<Key>()) { $0.formUnion($1.kmsKeys) }
        let seen = try await onEach(names) { name in
            async let silent = self.silentKMS(on: name, ofAll: everywhere)
            let health = try await self.health(of: name)
            let metric = health.answers ? try await self.loadedMetric(of: name) : nil
            return (health: health, metric: metric, silent: try await silent)
        }
        var hosts: [ObservedHost] = []
        var findings: [Patience.Finding] = []
        for (name, (health, metric, silent)) in zip(names, seen) {
            let probe = try probe(of: name)
            metrics[name] = metric
            var host = probe.observed(metric: metric, health: health.health)
            host.silentKMS = silent
            // A process that answers nothing is none that the others may rely on: it comes before them.
            if case .repairable = health.health, !health.answers { host.loaded = .notRunning }
            healths[name] = health.health
            memory.complete(&host, from: probe)
            hosts.append(host)
            if health.answers || host.onDisk != nil, !health.health.isSettled {
                findings.append(.init(host: name, checks: health.answers ? health.health.failing : []))
            }
        }
        return (hosts, findings)
    }

    private func observeCluster(_ hosts: [ObservedHost]) async throws -> ObservedCluster {
        let joined = hosts.filter { $0.health != .notJoined }.map(\.name)
        guard !joined.isEmpty else { throw NoControlPlane() }
        guard let speaker = speakers(among: hosts).first else {
            let failing = hosts.map { host in
                (
                    host: host.name,
                    checks: host.health.failing + (host.fileFinding.map { ["\($0)"] } ?? [])
                        + host.silentKMS.sorted { $0.key < $1.key }.map { key, finding in
                            "the plugin of \(key) does not answer (\(finding))"
                        }
                )
            }
            throw NobodyServes(
                failing: failing.filter { !$0.checks.isEmpty }, waysBack: try await waysBack(of: hosts))
        }
        do {
            // What follows asks all at once, over connections that are there.
            _ = try await server(of: speaker)
            _ = try await onEach(joined) { try await self.gateway(of: $0).clusterID }
            async let inventory: Void = checkInventory(joined, through: speaker)
            async let kubeadm = kubeadmRecord(through: speaker, path: recordedPath)
            async let room = roomNow(on: joined, through: speaker)
            async let stored = stored(hosts, through: speaker)
            try await inventory
            var cluster = ObservedCluster(
                hosts: hosts, stored: try await stored, kubeadm: try await kubeadm, room: try await room)
            cluster.archivedKeys = try keysFromArchive(for: cluster.formsWithoutKey)
            if purgesHistory { cluster.toPurge = try await membersToPurge() }
            if rewritesAll { cluster.toRewrite = Set(cluster.stored.keys).subtracting(rewritten) }
            return cluster
        } catch let error as any NamesNoHost {
            throw HostFailures(of: speaker, error)
        }
    }

    private func roomNow(on hosts: [HostName], through speaker: HostName) async throws -> StorageRoom? {
        let everything = try storagePrefix(of: speaker).everything
        return try await room(on: hosts, objects: try await gateway(of: speaker).count(in: everything))
    }

    /// Of these KMS keys, and those that a host has or is to have, the ones whose plugin accepts no connection there.
    func silentKMS(on host: HostName, ofAll others: Set<Key> = []) async throws -> [Key: String] {
        let probe = try probe(of: host)
        guard let pod = probe.pod else { return [:] }
        let keys = probe.kmsKeys.union(others).union((custom?.configuration.keys ?? []).filter { $0.kmsSocket != nil })
        let sockets = Set(keys.compactMap { $0.kmsSocket?.onHost(of: pod.manifest) })
        let silent = try await HostProbe.silentSockets(among: sockets, on: host, by: ssh.shell)
        return keys.reduce(into: [:]) { found, key in
            guard let socket = key.kmsSocket else { return }
            let standing = socket.onHost(of: pod.manifest)
            found[key] = silent[standing].map { standing == socket ? $0 : "\($0) (at \(standing.name) of the host)" }
        }
    }

    /// The hosts whose API server can be asked, those first that are well.
    func speakers(among hosts: [ObservedHost]) -> [HostName] {
        (hosts.filter { $0.health == .ready } + hosts.filter(\.servesPartly)).map(\.name)
    }

    /// How a host's API server is, check by check, and whether it answers at all.
    func health(of host: HostName) async throws -> (health: HostHealth, answers: Bool) {
        let probe = try probe(of: host)
        guard probe.pod != nil else { return (.notJoined, false) }
        await dropStaleConnections(to: host)
        guard probe.system.kubelet != nil else {
            return (.unhealthy(failing: ["no kubelet runs, which would restart its API server"]), false)
        }
        guard probe.servers.contains(where: \.isServing) else {
            return (silence(of: probe, "kube-apiserver does not run"), false)
        }
        do {
            return (HostHealth(try await server(of: host).healthChecks()), true)
        } catch let failure as HTTPFailure {
            try await checkForward(to: host)
            return (silence(of: probe, "\(failure)"), false)
        } catch let status as APIStatus {
            // One that has just started may not know anybody's rights yet.
            return (.unhealthy(failing: ["\(status)"]), true)
        }
    }

    /// What an API server that answers nothing is: its configuration, or a step that was cut short, may be why, and that is
    /// ours to mend; nothing else is.
    private func silence(of probe: HostProbe, _ finding: String) -> HostHealth {
        let found = probe.observed(health: .ready)
        let mayBeOurs = probe.rollbackCopy != nil || found.isFlagged && found.file.configuration == nil
        return mayBeOurs ? .repairable(failing: [finding]) : .unhealthy(failing: [finding])
    }

    /// Makes sure that these hosts are one cluster, and with those that could not be looked at the whole control plane.
    func checkInventory(
        _ joined: [HostName], without unseen: Set<HostName> = [], through speaker: HostName
    ) async throws {
        let identifiers = try await onEach(joined) { try await self.gateway(of: $0).clusterID }
        let members = try zip(joined, identifiers).map { host, identifier in
            let probe = try probe(of: host)
            return InventoryCheck.Member(
                host: host, advertiseAddress: probe.pod?.flags.advertiseAddress,
                authorityDigest: probe.authorityDigest, etcdClusterID: identifier)
        }
        let excused = inventory.hosts.filter { unseen.contains($0.name) }.flatMap { [$0.address, $0.privateAddress] }
        let live = try await server(of: speaker).advertisedAddresses().subtracting(excused)
        try InventoryCheck(members: members, liveAddresses: live.sorted()).check()
    }

    /// What etcd holds of every resource that a configuration names, alone or by a wildcard, and of Secrets.
    private func stored(
        _ hosts: [ObservedHost], through speaker: HostName
    ) async throws -> [ResourceName: StoredObjects] {
        let names = resources(namedBy: hosts).union(custom?.configuration.resources ?? [])
        let censuses = try await census(
            of: try await resources(meantBy: names), through: speaker, comparedWith: speaker)
        storedCounts = censuses.mapValues(\.objects.count)
        return censuses.mapValues(\.objects)
    }

    /// Secrets, and every name in a configuration of a host, wildcards too.
    func resources(namedBy hosts: [ObservedHost]) -> Set<ResourceName> {
        let configurations = hosts.flatMap { [$0.onDisk, $0.inForce, $0.file.configuration].compactMap(\.self) }
        return Set(configurations.flatMap(\.resources)).union([.secrets])
    }

    /// What the etcd of a host holds of each resource.
    ///
    /// Where it is empty the API of `speaker` must be, too; without one nobody can tell.
    func census(
        of resources: Set<ResourceName>, through member: HostName, comparedWith speaker: HostName?
    ) async throws -> [ResourceName: StoredCensus] {
        let classifier = StorageClassifier(gateway: try await gateway(of: member))
        let forms = Set(material.keys.map(\.storedForm))
        var censuses: [ResourceName: StoredCensus] = [:]
        for resource in resources.sorted() {
            let range = try await storageRange(of: resource, on: member, asServed: speaker != nil)
            var census = try await classifier.classify(range, knownForms: forms)
            if census.objects.count == 0, let speaker, let served = try await servedIfRewritable(resource),
                try await server(of: speaker).hasAny(served)
            {
                // The first one may just have been made.
                census = try await classifier.classify(range, knownForms: forms)
                guard census.objects.count > 0 else {
                    throw WrongStoragePrefix(resource: resource, prefix: try storagePrefix(of: member))
                }
            }
            censuses[resource] = census
        }
        return censuses
    }
}

extension HostHealth {
    /// The check that fails as long as an object cannot be read.
    static let informers = "informer-sync"

    /// False while a restart may still be under way.
    fileprivate var isSettled: Bool { self == .ready || self == .notJoined }

    var failing: [String] {
        switch self {
        case .ready, .notJoined: []
        case .repairable(let failing), .unhealthy(let failing): failing
        }
    }

    /// Fails only what a right configuration or a plugin that comes back would mend: repairable.
    init(_ checks: [HealthCheck]) {
        let failing = checks.filter { !$0.isPassing }.map(\.name)
        let isMendable = failing.allSatisfy { $0 == Self.informers || $0.hasPrefix("kms-provider") }
        self = failing.isEmpty ? .ready : isMendable ? .repairable(failing: failing) : .unhealthy(failing: failing)
    }
}

extension ObservedHost {
    /// True where only some checks of an API server fail that serves.
    fileprivate var servesPartly: Bool {
        if case .repairable = health { loaded != .notRunning } else { false }
    }
}

/// A place in etcd that looks empty while the API has objects.
package struct WrongStoragePrefix: Error, Hashable, Sendable, CustomStringConvertible {
    package let resource: ResourceName
    package let prefix: StoragePrefix

    package var description: String {
        """
        the API has \(resource), but etcd holds none where they belong below "\(prefix)": they are stored elsewhere, and "empty" must never be \
        taken for "nothing needs a key". Compare the API servers' --etcd-prefix and --etcd-servers-overrides
        """
    }
}

/// An API server that keeps some resources in another etcd.
package struct StorageIsSplit: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName

    package var description: String {
        "\(host): --etcd-servers-overrides keeps some resources in another etcd, and atrest does not look there yet"
    }
}

/// None of the hosts has a control plane.
package struct NoControlPlane: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String {
        "none of the hosts has a kube-apiserver: provision the cluster first, then run the same command again"
    }
}
