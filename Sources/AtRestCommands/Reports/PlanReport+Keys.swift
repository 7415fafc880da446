internal import ControlPlane
internal import Reconciliation

/// What becomes of a key by a plan.
struct PlannedKey: Sendable {
    enum Role: String, Sendable, Encodable {
        /// Comes onto the hosts, and stays.
        case new
        /// Is there, and writes something behind the last step.
        case write
        /// Is there and stays, for reading alone.
        case read
        /// Is on no host behind the last step.
        case dropped
    }

    let key: Key
    let role: Role
    /// True for a key that this run has made.
    let isFresh: Bool
    /// By the time in its name; nil where that has none.
    let age: Duration?
    /// What it writes before the first step, and behind the last one.
    let writesBefore: [ResourceName]
    let writesAfter: [ResourceName]
    /// Where it comes from, where that is the operator's archive.
    let archiveFile: String?
}

extension PlanReport {
    /// Every key that any host has or gets: what writes in the end first, what is dropped last; `identity` only where it writes.
    var keys: [PlannedKey] {
        let present = observed.keysOnHosts
        let last = final.keysOnHosts
        let all = present.union(last).union(plan.items.flatMap(\.step.keys))
        let resources = resourcesNamed
        let planned = all.map { key in
            let after = resources.filter { final.writers(of: $0).contains(key) }
            let role: PlannedKey.Role =
                !last.contains(key) ? .dropped : !present.contains(key) ? .new : after.isEmpty ? .read : .write
            return PlannedKey(
                key: key, role: role, isFresh: key == freshKey,
                age: key.age(now: now), writesBefore: resources.filter { observed.writers(of: $0).contains(key) },
                writesAfter: after, archiveFile: present.contains(key) ? nil : observed.archivedKeys[key])
        }
        return planned.filter { $0.key != .identity || !($0.writesBefore + $0.writesAfter).isEmpty }
            .sorted { $0.rank == $1.rank ? $0.key < $1.key : $0.rank < $1.rank }
    }

    /// What configurations name, before or behind any step.
    private var resourcesNamed: [ResourceName] {
        let configurations = (observed.hosts + final.hosts).flatMap { [$0.onDisk, $0.inForce].compactMap(\.self) }
        return Set(configurations.flatMap(\.resources)).sorted()
    }
}

extension PlannedKey {
    fileprivate var rank: Int {
        if !writesAfter.isEmpty { return 0 }
        return role == .dropped ? 2 : 1
    }
}

extension ObservedCluster {
    /// Every key in any host's file or memory, plain text among them where a host has no configuration.
    fileprivate var keysOnHosts: Set<Key> {
        hosts.reduce(into: []) { keys, host in
            let configurations = [host.onDisk, host.inForce, host.file.configuration].compactMap(\.self)
            keys.formUnion(configurations.flatMap(\.keys))
            if configurations.contains(where: \.entries.isEmpty) { keys.insert(.identity) }
        }
    }

    /// What API servers write a resource with.
    fileprivate func writers(of resource: ResourceName) -> Set<Key> {
        let servers = hosts.filter { $0.health != .notJoined }
        return Set(servers.compactMap { ($0.inForce ?? $0.onDisk)?.keyRing(for: resource).writeKey })
    }
}
