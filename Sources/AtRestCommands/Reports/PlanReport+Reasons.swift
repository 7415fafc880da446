internal import Reconciliation

/// Why a step is needed: what `decide` derived, or what is wrong on the host.
extension PlanReport {
    /// `found` is what is wrong on the item's host.
    func because(_ item: Plan.Item, found: [HostFinding], naming name: KeyLabels) -> String {
        let host = observed.hosts.first { $0.name == item.step.host }
        let reason = words(for: item.reason, on: host, naming: name)
        if found.isEmpty { return reason }
        return isExplained(item, on: host, by: found) ? words(found) : "\(reason); \(words(found))"
    }

    private func words(_ found: [HostFinding]) -> String {
        found.map(\.description).joined(separator: "; ")
    }

    /// True where what was found says all that the reason would.
    private func isExplained(_ item: Plan.Item, on host: ObservedHost?, by found: [HostFinding]) -> Bool {
        switch item.reason {
        case .notLoaded, .cannotStart: return true
        case .missing where host?.onDisk == nil || found.contains(.flagMissing): return true
        case .missing, .writesWith: return false
        default: break
        }
        guard case .configure(_, let target, _) = item.step else { return false }
        return host?.file.configuration?.keys == target.configuration.keys
    }

    private func words(for reason: Reason, on host: ObservedHost?, naming name: KeyLabels) -> String {
        switch reason {
        case .missing(let keys): "cannot read \(keys.map { name($0) }.joined(separator: ", ")) yet"
        case .notLoaded where host?.loaded == .unknown: "nobody can know what it has loaded"
        case .notLoaded: "has not loaded what is on its disk"
        case .cannotStart: "cannot start with what is on its disk"
        case .writesWith(let key): "writes with \(name(key))"
        case .storedUnder(let forms): "stored as \(forms.map { name($0) }.joined(separator: ", "))"
        case .keyOfPluginUnseen: "--rewrite; etcd does not show which of the plugin's keys they are stored under"
        case .lingering: "an old process may still write"
        case .differsFromWish: "has more than the manifest asks for"
        case .standsElsewhere: "its configuration file stands at another path"
        case .kubeadmWouldDropIt: "an upgrade or a join would drop them"
        case .kubeadmHasMore: "kubeadm would mount a socket that nothing needs"
        case .kubeadmWouldBringItBack: "an upgrade or a join would bring them back"
        case .cutShort: "an earlier run died in the middle of a step"
        case .historyUnseen: "--purge-history"
        case .notJoined: "has no control plane yet"
        }
    }
}
