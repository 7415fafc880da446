/// Says what to do next to bring a cluster to what its operator asks for.
///
/// Pure: everything is derived from the observation; one kind of change is returned at a time, with its reason. Calling it
/// again after each change carries a cluster through the rounds of design section 3, from whatever state a run that died
/// left behind.
///
/// - Parameters:
///   - observed: hosts first, etcd after them.
///   - desired: the operator's wish, `resolved(by:)` the first observation of the run.
///   - freshKey: a key that is in use nowhere; the same one for the length of a run.
/// - Returns: that all is done, one step with its reason, or why nothing may be touched.
package func decide(_ observed: ObservedCluster, _ desired: DesiredEncryption, freshKey: Key) -> Decision {
    do {
        return try Rounds(observed: observed, desired: desired, freshKey: freshKey).next()
    } catch {
        return .refuse(error)
    }
}

private struct Rounds {
    let observed: ObservedCluster
    let wish: Wish
    let needed: NeededKeys
    let wantsRecord: Bool

    init(observed: ObservedCluster, desired: DesiredEncryption, freshKey: Key) throws(Refusal) {
        self.observed = observed
        wish = Wish(desired: desired, observed: observed, freshKey: freshKey)
        needed = try NeededKeys(observed: observed, wish: wish, freshKey: freshKey)
        wantsRecord = desired != .disabled
        if desired == .managed(rotate: true), observed.isUnencrypted { throw .nothingToRotate }
    }

    /// Hosts that run a control plane, those first that are down or that a step cut short may yet take down: one host that is
    /// down must not become two.
    private var members: [ObservedHost] {
        let joined = observed.hosts.filter { $0.health != .notJoined }
        return joined.filter { $0.loaded == .notRunning } + joined.filter { $0.mayRestartYet }
            + joined.filter { $0.loaded != .notRunning && !$0.mayRestartYet }
    }

    func next() throws(Refusal) -> Decision {
        if isFinished {
            guard let purge = purgeHistory() else { return .done }
            try refuseUnhealthy()
            return purge
        }
        // It may be why an API server does not run.
        try refuseSilentKMS()
        try refuseUnhealthy()
        if let room = observed.room, !room.takes(objectsToRewrite) {
            throw .noRoom(room, objects: objectsToRewrite)
        }
        if let decision = try makeReadable() ?? stage() ?? record() { return decision }
        return try writeWithWanted() ?? rewrite() ?? settleBeforeProof() ?? unrecord() ?? unstage() ?? prune()
            ?? trimRecord() ?? tidy() ?? purgeHistory() ?? .done
    }

    private func refuseUnhealthy() throws(Refusal) {
        for host in observed.hosts {
            if case .unhealthy(let failing) = host.health { throw .unhealthy(host.name, failing: failing) }
        }
    }

    /// No host gets or keeps a KMS that its API server could not reach; one that nothing needs goes anyway.
    private func refuseSilentKMS() throws(Refusal) {
        for key in needed.all.union(wish.target.configuration.keys).sorted() {
            let outages = observed.hosts.filter { $0.health != .notJoined }.compactMap { host in
                host.silentKMS[key].map { KMSOutage(host: host.name, finding: $0) }
            }
            guard outages.isEmpty else { throw .kmsSilent(key, outages) }
        }
    }

    private var isFinished: Bool {
        let record: Set<KubeadmRecord> = [.unavailable, wantsRecord ? .present : .absent]
        return record.contains(observed.kubeadm) && stale.isEmpty
            && members.allSatisfy { host in
                wish.isMet(by: host, for: needed.resources) && mayHaveLoadedDisk(host)
                    && !host.health.isRepairable
            } && stage() == nil && unstage() == nil && settleBeforeProof() == nil && tidy() == nil
    }

    /// An adopted host is not restarted only to know what it has loaded; what runs without the flag is always known.
    private func mayHaveLoadedDisk(_ host: ObservedHost) -> Bool {
        host.loaded == .disk || host.loaded == .unknown && host.isFlagged
    }

    // Round 1
    private func makeReadable() throws(Refusal) -> Decision? {
        for host in members {
            if let reason = reasonToMakeReadable(host) {
                let target = try target(for: host)
                return .perform(.configure(host.name, target, .readableEverywhere), because: reason)
            }
        }
        return nil
    }

    private func reasonToMakeReadable(_ host: ObservedHost) -> Reason? {
        guard let onDisk = host.onDisk else { return .cannotStart }
        let missing = needed.resources.flatMap { resource in
            needed(resource).subtracting(onDisk.keyRing(for: resource).keys)
        }
        if !missing.isEmpty { return .missing(Set(missing).sorted()) }
        if host.loaded == .notRunning { return .cannotStart }
        return host.loaded == .disk ? nil : .notLoaded
    }

    private func stage() -> Decision? {
        guard wantsRecord else { return nil }
        let model = members.first { $0.onDisk != nil }?.onDisk ?? .unencrypted
        for host in observed.hosts where host.health == .notJoined {
            if !model.entries.isEmpty, host.file.configuration != model || !wish.isInPlace(host) {
                return .perform(.stage(host.name, .configuration(model)), because: .notJoined)
            }
        }
        return nil
    }

    /// The barrier from round 1 to 2: no process is left that could not read what is written from now on.
    private func settleBeforeWriting() -> Decision? {
        settle { configuration in
            needed.resources.allSatisfy { needed($0).isSubset(of: configuration.keyRing(for: $0).keys) }
        }
    }

    /// The barrier before a proof: no process is left that could still write under another key.
    private func settleBeforeProof() -> Decision? {
        settle { configuration in
            needed.resources.allSatisfy { configuration.keyRing(for: $0).writeKey == wish.writeKey(for: $0) }
        }
    }

    private func settle(unless isHarmless: (EncryptionConfiguration) -> Bool) -> Decision? {
        let lingering = members.filter { host in
            switch host.lingering {
            case .none: false
            case .holding(let configuration): !isHarmless(configuration)
            case .unknown: true
            }
        }
        guard !lingering.isEmpty else { return nil }
        return .perform(.settle(lingering.map(\.name)), because: .lingering)
    }

    private func record() -> Decision? {
        guard wantsRecord, observed.kubeadm == .absent || observed.kubeadm == .partial else { return nil }
        return .perform(.recordInKubeadm, because: .kubeadmWouldDropIt)
    }

    // Round 2
    private func writeWithWanted() throws(Refusal) -> Decision? {
        for host in members {
            guard let onDisk = host.onDisk else { continue }
            let wrong = needed.resources.first {
                onDisk.keyRing(for: $0).writeKey != wish.writeKey(for: $0)
            }
            guard let wrong else { continue }
            let target = try target(for: host) { wish.writeKey(for: $0) }
            return settleBeforeWriting()
                ?? .perform(
                    .configure(host.name, target, .writeWithWanted),
                    because: .writesWith(onDisk.keyRing(for: wrong).writeKey))
        }
        return nil
    }

    // Round 3
    private var stale: [(resource: ResourceName, forms: [StoredForm])] {
        needed.resources.compactMap { resource in
            let wanted = wish.writeKey(for: resource)
            guard let stored = observed.stored[resource] else { return nil }
            let forms = stored.forms.subtracting([wanted.storedForm])
            let isAsked = stored.count > 0 && wanted.hasKeysOfItsOwn && observed.toRewrite.contains(resource)
            return forms.isEmpty && !isAsked ? nil : (resource, forms.sorted())
        }
    }

    /// All objects of every resource of which any is to be rewritten: how many are is not observed.
    private var objectsToRewrite: Int {
        stale.reduce(0) { $0 + (observed.stored[$1.resource]?.count ?? 0) }
    }

    private func rewrite() -> Decision? {
        guard !stale.isEmpty else { return nil }
        let steps = stale.map { Step.Rewrite(resource: $0.resource, key: wish.writeKey(for: $0.resource)) }
        let forms = Set(stale.flatMap(\.forms)).sorted()
        return .perform(.rewrite(steps), because: forms.isEmpty ? .keyOfPluginUnseen : .storedUnder(forms))
    }

    private func unrecord() -> Decision? {
        guard !wantsRecord, ![.absent, .unavailable].contains(observed.kubeadm) else { return nil }
        return .perform(.removeFromKubeadm, because: .kubeadmWouldBringItBack)
    }

    /// A join that finds no flag needs no file either.
    private func unstage() -> Decision? {
        guard !wantsRecord else { return nil }
        return observed.hosts.first { $0.health == .notJoined && $0.file != .absent }
            .map { .perform(.stage($0.name, .removed), because: .differsFromWish) }
    }

    // Round 4
    private func prune() -> Decision? {
        for host in members where !wish.isMet(by: host, for: needed.resources) {
            let reason = wish.isInPlace(host) ? Reason.differsFromWish : .standsElsewhere
            return .perform(.configure(host.name, wish.target, .prune), because: reason)
        }
        return nil
    }

    /// What the hosts needed meanwhile a join must not bring back.
    private func trimRecord() -> Decision? {
        guard wantsRecord, observed.kubeadm == .excess else { return nil }
        return .perform(.recordInKubeadm, because: .kubeadmHasMore)
    }

    private func tidy() -> Decision? {
        let hosts = observed.hosts.filter(\.hasLeftovers).map(\.name)
        return hosts.isEmpty ? nil : .perform(.tidy(hosts), because: .cutShort)
    }

    /// Last of all: what is not written anew yet would stay in every member's database.
    private func purgeHistory() -> Decision? {
        observed.toPurge.first.map { .perform(.purgeHistory($0.name), because: .historyUnseen) }
    }

    /// What a host gets in rounds 1 and 2: for each resource its present keys and the needed ones; the wish itself where that
    /// gives each the same write key and the same read keys, which spares the host a restart in round 4.
    ///
    /// Without another write key it keeps the one in force, also where another one is on disk that was never loaded: not
    /// every host may be able to read that yet.
    ///
    /// A KMS that does not answer there and that nothing needs is left out: no API server would be well with it.
    private func target(
        for host: ObservedHost, writingWith writeKey: ((ResourceName) -> Key)? = nil
    ) throws(Refusal) -> Target {
        let present = host.onDisk ?? presentElsewhere(than: host)
        let silent = Set(host.silentKMS.keys).subtracting(needed.all)
        var rings: [(resource: ResourceName, keys: [Key])] = []
        for resource in needed.resources {
            var ring = present.keyRing(for: resource).without(silent).reading(needed(resource))
            if let key = writeKey?(resource) ?? host.inForce?.keyRing(for: resource).writeKey {
                ring = ring.writing(with: key)
            }
            rings.append((resource, ring.keys))
        }
        let configuration = try EncryptionConfiguration(giving: rings, toReloading: host.reloads)
        let isWish = rings.allSatisfy { ring in
            let wished = wish.target.configuration.keyRing(for: ring.resource).keys
            return wished.first == ring.keys.first && Set(wished) == Set(ring.keys)
        }
        if isWish { return wish.target }
        return configuration.entries.isEmpty ? .removed : .configuration(configuration)
    }

    /// A host that cannot start has no write key of its own: it takes one that the others already read.
    private func presentElsewhere(than host: ObservedHost) -> EncryptionConfiguration {
        observed.hosts.first { $0.name != host.name && $0.inForce != nil }?.inForce ?? .unencrypted
    }
}

extension KeyRing {
    /// The same write key, and none of these behind it.
    fileprivate func without(_ unwanted: Set<Key>) -> KeyRing {
        KeyRing(writeKey: writeKey, others: others.filter { !unwanted.contains($0) })
    }

    /// The same write key, reading these keys too; plain text is tried last.
    fileprivate func reading(_ needed: Set<Key>) -> KeyRing {
        let added = needed.subtracting(keys).sorted()
        return KeyRing(writeKey: writeKey, others: (others + added).plaintextLast)
    }

    /// Another write key; the one before is still read.
    fileprivate func writing(with key: Key) -> KeyRing {
        KeyRing(writeKey: key, others: keys.filter { $0 != key }.plaintextLast)
    }
}

extension [Key] {
    fileprivate var plaintextLast: [Key] {
        filter { $0 != .identity } + filter { $0 == .identity }
    }
}

extension ObservedHost {
    /// The kubelet may still act on a manifest that was written and is not in force.
    fileprivate var mayRestartYet: Bool {
        switch loaded {
        case .disk, .notRunning: false
        case .before: true
        case .unknown: !drift.isEmpty
        }
    }
}

extension HostHealth {
    fileprivate var isRepairable: Bool {
        if case .repairable = self { true } else { false }
    }
}

extension ObservedCluster {
    /// No host's file holds a key.
    fileprivate var isUnencrypted: Bool { keysInFiles.isEmpty }
}
