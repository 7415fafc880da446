/// Everything that `decide` would do from here, in order.
package struct Plan: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package let step: Step
        package let reason: Reason

        package init(step: Step, reason: Reason) {
            self.step = step
            self.reason = reason
        }
    }

    package let items: [Item]

    /// Folds `decide` over a cluster in which every step does what it is meant to.
    ///
    /// - Throws: the refusal that `decide` ends in.
    package init(
        from observed: ObservedCluster, to desired: DesiredEncryption, freshKey: Key
    ) throws(Refusal) {
        var cluster = observed
        var items: [Item] = []
        let desired = desired.resolved(by: observed)
        // Three rounds of one step a host, and the steps between them.
        for _ in 0..<(4 * observed.hosts.count + observed.toPurge.count + 16) {
            switch decide(cluster, desired, freshKey: freshKey) {
            case .done:
                self.items = items
                return
            case .refuse(let refusal):
                throw refusal
            case .perform(let step, let reason):
                items.append(Item(step: step, reason: reason))
                cluster.succeed(in: step, for: desired)
            }
        }
        preconditionFailure("decide does not come to an end from \(observed)")
    }

    package var isEmpty: Bool { items.isEmpty }

    /// True where all that is left to do is to wait for old API servers, which end by themselves.
    package var onlyWaits: Bool {
        !isEmpty && items.allSatisfy { item in if case .settle = item.step { true } else { false } }
    }
}

extension ObservedCluster {
    /// What is observed after a step that did what it is meant to, in a run with this wish.
    package mutating func succeed(in step: Step, for desired: DesiredEncryption) {
        switch step {
        case .configure(let name, let target, _):
            let before = kmsKeys
            defer { if kubeadm == .present, !before.isSubset(of: kmsKeys) { kubeadm = .excess } }
            change(name) { host in
                if let before = host.inForce { host.lingering = .holding(before) }
                host.hold(target)
                host.loaded = .disk
                host.health = .ready
                host.drift = []
                host.hasLeftovers = false
                host.openStep = nil
            }
        case .stage(let name, let target):
            change(name) { host in
                host.hold(target)
                if case .custom = desired { host.place = .custom } else { host.place = .managed }
            }
        case .settle(let names):
            for name in names {
                change(name) { $0.lingering = .none }
            }
        case .tidy(let names):
            for name in names {
                change(name) { $0.hasLeftovers = false }
            }
        case .recordInKubeadm:
            kubeadm = .present
        case .removeFromKubeadm:
            kubeadm = .absent
        case .rewrite(let rewrites):
            for rewrite in rewrites {
                stored[rewrite.resource]?.forms = [rewrite.key.storedForm]
                toRewrite.remove(rewrite.resource)
            }
        case .purgeHistory(let member):
            toPurge.removeAll { $0.name == member }
        }
    }

    /// What the hosts need mounts for.
    private var kmsKeys: Set<Key> {
        Set(hosts.compactMap(\.onDisk).flatMap(\.keys).filter { !$0.isLocal && $0 != .identity })
    }

    private mutating func change(_ name: HostName, _ body: (inout ObservedHost) -> Void) {
        for index in hosts.indices where hosts[index].name == name {
            body(&hosts[index])
        }
    }
}

extension ObservedHost {
    /// Takes a target onto the disk.
    package mutating func hold(_ target: Target) {
        switch target {
        case .configuration(let configuration):
            file = .present(configuration, digest: "")
            isFlagged = true
        case .managed(let configuration):
            hold(.configuration(configuration))
            place = .managed
        case .custom(let custom):
            file = .present(custom.configuration, digest: custom.digest)
            isFlagged = true
            place = .custom
        case .removed:
            file = .absent
            isFlagged = false
            place = .managed
        }
    }
}
