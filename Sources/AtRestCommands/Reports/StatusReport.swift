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
    /// The keys that the API servers of now write each resource with, and what each wildcard gives that nothing narrower
    /// names; one each where all hosts agree.
    let writeKeys: [ResourceName: [Key]]
    /// The names that say how all is written, in order: a wildcard in place of what only it names.
    let named: [ResourceName]
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
        let resources = Array(sighting.stored.censuses.keys)
        named = resources.namedShortly(by: sighting.writers)
        writeKeys = Set(resources + named).reduce(into: [:]) { $0[$1] = sighting.writeKeys(for: $1) }
        isKubeadmInStep = sighting.kubeadm.map { $0 == .unavailable || $0 == (mode == .disabled ? .absent : .present) }
    }

    var isHealthy: Bool { problems.isEmpty }

    /// What is as the operator wrote it, and maybe not as they meant it.
    var notes: [String] {
        guard mode == .custom, let live = sighting.writers.first else { return [] }
        return CustomText.identityFirst(live, stored: sighting.observed.stored)
    }
}

extension ClusterSighting {
    /// What the API servers of the hosts that were seen write with, as far as that is known, in the hosts' order.
    var writers: [EncryptionConfiguration] { hosts.compactMap(\.found?.writer) }

    /// The keys that the API servers of the hosts that were seen write a resource with, in the hosts' order.
    ///
    /// Where nobody can know what one has loaded, what is on its disk counts.
    func writeKeys(for resource: ResourceName) -> [Key] {
        var seen: Set<Key> = []
        return writers.map { $0.keyRing(for: resource).writeKey }
            .filter { seen.insert($0).inserted }
    }
}

extension [ResourceName] {
    /// With the wildcards of these configurations in place of what nothing but a wildcard names.
    func namedShortly(by configurations: [EncryptionConfiguration]) -> [ResourceName] {
        let names = Set(configurations.flatMap(\.resources))
        let wildcards = names.filter(\.isWildcard)
        return (filter { name in names.contains(name) || !wildcards.contains { $0.covers(name) } } + wildcards).sorted()
    }
}

extension HostSighting.Found {
    /// What its API server writes with, as far as that is known; nil without one.
    var writer: EncryptionConfiguration? {
        host.health == .notJoined ? nil : host.inForce ?? host.onDisk
    }
}
