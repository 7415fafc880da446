import Reconciliation

/// Deciders with one known mistake each: a check that does not find it proves nothing.
enum Mutant {
    /// No host is made to read the wanted key before the first one writes with it.
    static func withoutReadFirstRound(
        _ observed: ObservedCluster, _ desired: DesiredEncryption, _ freshKey: Key
    ) -> Decision {
        let decision = decide(observed, desired, freshKey: freshKey)
        guard case .perform(.configure(let host, let target, .readableEverywhere), let reason) = decision else {
            return decision
        }
        let ring = target.keys
        let wanted = desired == .disabled ? .identity : ring.filter(\.isLocal).max() ?? .identity
        let merged = [wanted] + ring.filter { $0 != wanted }
        return .perform(.configure(host, .forSecrets(merged), .writeWithWanted), because: reason)
    }

    /// Keys are dropped as if the rewrite were behind us.
    static func pruningBeforeRewrite(
        _ observed: ObservedCluster, _ desired: DesiredEncryption, _ freshKey: Key
    ) -> Decision {
        let decision = decide(observed, desired, freshKey: freshKey)
        guard case .perform(.rewrite(let rewrites), _) = decision else { return decision }
        var hoped = observed
        for rewrite in rewrites { hoped.stored[rewrite.resource]?.forms = [rewrite.key.storedForm] }
        let next = decide(hoped, desired, freshKey: freshKey)
        return next == .done ? decision : next
    }

    /// An old process is not waited for.
    static func blindToOldProcesses(
        _ observed: ObservedCluster, _ desired: DesiredEncryption, _ freshKey: Key
    ) -> Decision {
        var blind = observed
        for index in blind.hosts.indices { blind.hosts[index].lingering = .none }
        return decide(blind, desired, freshKey: freshKey)
    }

    /// Every key that is on any disk counts as needed, so that what is pruned comes back.
    static func needingAllKnownKeys(
        _ observed: ObservedCluster, _ desired: DesiredEncryption, _ freshKey: Key
    ) -> Decision {
        for host in observed.hosts {
            guard let ring = host.onDisk?.keyRing(for: .secrets) else { continue }
            let missing = observed.keysInFiles.filter { !ring.contains($0) }
            if !missing.isEmpty {
                let target = Target.forSecrets(
                    [ring.writeKey] + (ring.others + missing).filter { $0 != .identity } + [.identity])
                return .perform(.configure(host.name, target, .readableEverywhere), because: .missing(missing))
            }
        }
        return decide(observed, desired, freshKey: freshKey)
    }

    /// A rotation that was cut short and is run again makes another key, and keeps only the last one beside it.
    static func droppingTheMiddleKey(
        _ observed: ObservedCluster, _ desired: DesiredEncryption, _ freshKey: Key
    ) -> Decision {
        let local = observed.keysInFiles.filter(\.isLocal)
        let rotated = observed.hosts.first { host in
            local.count > 1 && host.onDisk?.keyRing(for: .secrets).writeKey == local.last
        }
        guard desired == .managed(rotate: false), let rotated, let oldest = local.first else {
            return decide(observed, desired, freshKey: freshKey)
        }
        return .perform(
            .configure(rotated.name, .forSecrets([freshKey, oldest, .identity]), .writeWithWanted),
            because: .differsFromWish)
    }

    /// A rewrite that fails half-way is answered with the configuration of before the rotation.
    static func redeployingTheOldKey(
        _ observed: ObservedCluster, _ desired: DesiredEncryption, _ freshKey: Key
    ) -> Decision {
        let decision = decide(observed, desired, freshKey: freshKey)
        guard case .perform(.rewrite, let reason) = decision, let oldest = observed.keysInFiles.first,
            let rotated = observed.hosts.first(where: { $0.onDisk?.keyRing(for: .secrets).writeKey != oldest })
        else { return decision }
        return .perform(.configure(rotated.name, .forSecrets([oldest, .identity]), .prune), because: reason)
    }
}

extension Target {
    fileprivate var keys: [Key] { configuration.keyRing(for: .secrets).keys }

    fileprivate static func forSecrets(_ keys: [Key]) -> Target {
        var seen: Set<Key> = []
        let ring = keys.filter { seen.insert($0).inserted }
        return ring == [.identity]
            ? .removed : .configuration(EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: ring)]))
    }
}
