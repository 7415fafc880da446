package import Reconciliation

/// Whether an inventory is the whole control plane, and one cluster.
struct InventoryCheck {
    struct Member: Sendable {
        let host: HostName
        let advertiseAddress: String?
        let authorityDigest: String?
        let etcdClusterID: UInt64?
    }

    let members: [Member]
    /// The addresses in the Endpoints `default/kubernetes`: one for each API server that is alive.
    let liveAddresses: [String]

    /// - Throws: `NotTheWholeControlPlane`, `NotOneCluster`.
    func check() throws {
        try expectOne("certificate authority", \.authorityDigest)
        try expectOne("etcd cluster", \.etcdClusterID)
        let known = Set(members.compactMap(\.advertiseAddress))
        let strangers = liveAddresses.filter { !known.contains($0) }
        guard strangers.isEmpty else { throw NotTheWholeControlPlane(addresses: strangers.sorted()) }
    }

    private func expectOne<Value: Hashable>(_ what: String, _ value: (Member) -> Value?) throws {
        guard let first = members.first else { return }
        for member in members.dropFirst() where value(member) != value(first) {
            throw NotOneCluster(what: what, first: first.host, second: member.host)
        }
    }
}

/// An API server that serves this cluster and is in no input.
package struct NotTheWholeControlPlane: Error, Hashable, Sendable, CustomStringConvertible {
    package let addresses: [String]

    package var description: String {
        """
        an API server of this cluster at \(addresses.joined(separator: ", ")) is not in the inputs (Endpoints \
        default/kubernetes lists it): it would write with keys that nobody looked at. Add the host to the manifest or to \
        Terraform's output; if it is dead, remove it from the cluster first
        """
    }
}

/// Two hosts that do not belong together.
package struct NotOneCluster: Error, Hashable, Sendable, CustomStringConvertible {
    package let what: String
    package let first: HostName
    package let second: HostName

    package var description: String {
        "\(first) and \(second) are not of one cluster: each has another \(what). Give the hosts of one control plane"
    }
}
