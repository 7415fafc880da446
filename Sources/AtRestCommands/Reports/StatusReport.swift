internal import ControlPlane
internal import Reconciliation

/// What is live, as far as it could be seen, and what is wrong with it.
struct StatusReport: Sendable {
    let clusterName: String
    /// What the manifest asks for.
    let declared: EncryptionMode
    /// What the hosts run with.
    let mode: EncryptionMode
    let sighting: ClusterSighting
    /// Seconds since 1970.
    let now: Int
    let interruption: Interruption?
    /// The keys that the API servers of now write each resource with; one each where all hosts agree.
    let writeKeys: [ResourceName: [Key]]
    /// Nil where that cannot be known.
    let isKubeadmInStep: Bool?
    /// What objects are stored under that no host's file has the key of.
    let formsWithoutKey: Set<StoredForm>

    init(clusterName: String, declared: EncryptionMode, sighting: ClusterSighting, now: Int) {
        let observed = sighting.observed
        let mode = EncryptionMode(sighting)
        self.clusterName = clusterName
        self.declared = declared
        self.mode = mode
        self.sighting = sighting
        self.now = now
        // Several keys are no sign of anything where an operator chose them.
        interruption = mode == .custom ? nil : observed.interruption
        formsWithoutKey = observed.formsWithoutKey
        writeKeys = sighting.stored.censuses.keys.reduce(into: [:]) { $0[$1] = sighting.writeKeys(for: $1) }
        isKubeadmInStep = sighting.kubeadm.map { $0 == .unavailable || $0 == (mode == .disabled ? .absent : .present) }
    }

    var isHealthy: Bool { problems.isEmpty }

    /// What is as the operator wrote it, and maybe not as they meant it.
    var notes: [String] {
        guard mode == .custom, let live = sighting.hosts.lazy.compactMap({ $0.found?.writer }).first else { return [] }
        return CustomText.identityFirst(live, stored: sighting.observed.stored)
    }
}

extension ClusterSighting {
    /// The keys that the API servers of the hosts that were seen write a resource with, in the hosts' order.
    ///
    /// Where nobody can know what one has loaded, what is on its disk counts.
    func writeKeys(for resource: ResourceName) -> [Key] {
        var seen: Set<Key> = []
        return hosts.compactMap(\.found?.writer).map { $0.keyRing(for: resource).writeKey }
            .filter { seen.insert($0).inserted }
    }
}

extension HostSighting.Found {
    /// What its API server writes with, as far as that is known; nil without one.
    var writer: EncryptionConfiguration? {
        host.health == .notJoined ? nil : host.inForce ?? host.onDisk
    }
}
