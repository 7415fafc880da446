package import Reconciliation

extension ClusterSession {
    /// Has etcd's history purged in the end; given before the first look.
    package func askForPurge() {
        purgesHistory = true
    }

    /// The members that this run has not purged yet.
    ///
    /// - Throws: `EtcdMembersNotReached`; `EtcdNotWell` where a disk has no room for a copy; `EtcdFailure`.
    func membersToPurge() async throws -> [EtcdMember] {
        let cluster = try await etcdCluster()
        try cluster.requireAll()
        let members = try await cluster.sizes().filter { !purged.contains($0.name) }
        for member in members {
            try EtcdCluster.checkSpace(
                member.host.flatMap { probes[$0]?.system.etcdFreeSpace }, for: member)
        }
        return members
    }

    func purgeHistory(of member: String) async throws {
        try await checkLock()
        try await etcdCluster().purge(member)
        purged.insert(member)
    }

    /// What etcd still has of what these resources' objects were, of which this was found stored.
    ///
    /// - Throws: `EtcdFailure`.
    package func history(of censuses: [ResourceName: StoredCensus]) async throws -> EtcdHistory {
        guard let host = inventory.hosts.map(\.name).first(where: { probes[$0]?.pod != nil }) else {
            throw NoControlPlane()
        }
        let gateway = try await gateway(of: host)
        let oldest = try await gateway.oldestRevision()
        var resources: [ResourceName] = []
        for (resource, census) in censuses.sorted(by: { $0.key < $1.key }) {
            let range = try await storageRange(of: resource, on: host)
            let before = try await gateway.count(in: range, at: oldest)
            if census.newestRevision > oldest || before != census.objects.count { resources.append(resource) }
        }
        let (members, logs) = try await historyLeft()
        return EtcdHistory(
            oldest: oldest, newest: try await gateway.revision(), resources: resources, members: members, logs: logs)
    }

    /// Every member that can be asked, and the write-ahead logs that the last look found.
    package func historyLeft() async throws -> (members: [EtcdMember], logs: [HostName: EtcdLog]) {
        (try await etcdCluster().sizes(), probes.compactMapValues(\.system.etcdLog))
    }

    /// The members that the API servers' flags lead to.
    func etcdCluster() async throws -> EtcdCluster {
        var gateways: [EtcdGateway] = []
        var unanswered: [String] = []
        var places: [UInt64: HostName] = [:]
        var shared: Set<Endpoint> = []
        for host in inventory.hosts.map(\.name) where probes[host]?.pod != nil {
            for endpoint in try etcdEndpoints(of: host) where endpoint.isLoopback || shared.insert(endpoint).inserted {
                do {
                    let gateway = try await gateway(at: endpoint, of: host)
                    gateways.append(gateway)
                    places[gateway.memberID] = self.host(of: endpoint, asSeenBy: host)
                } catch let failure as EtcdFailure {
                    unanswered.append("\(failure)")
                }
            }
        }
        return try await EtcdCluster(of: gateways, on: places, unanswered: unanswered)
    }

    /// The host of the inventory that a member runs on, where it runs on one.
    private func host(of endpoint: Endpoint, asSeenBy host: HostName) -> HostName? {
        if endpoint.isLoopback { return host }
        return inventory.hosts.first { [$0.address, $0.privateAddress].contains(endpoint.address) }?.name
    }
}
