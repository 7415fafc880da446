package import Reconciliation

/// What can be seen of a cluster by one who changes nothing: a host or a server that does not answer hides only itself.
package struct ClusterSighting: Sendable {
    /// In inventory order.
    package var hosts: [HostSighting]
    /// Observed after the hosts.
    package var stored: StorageSighting
    /// Nil where no API server could be asked.
    package var kubeadm: KubeadmRecord?
    /// What keeps the whole from being seen, or from being one control plane.
    package var problems: [String]
    package var history: HistorySighting

    package init(
        hosts: [HostSighting], stored: StorageSighting, kubeadm: KubeadmRecord?, problems: [String] = [],
        history: HistorySighting = .notLookedAt
    ) {
        self.hosts = hosts
        self.stored = stored
        self.kubeadm = kubeadm
        self.problems = problems
        self.history = history
    }

    /// The part that was seen, as `decide` would see it.
    package var observed: ObservedCluster {
        ObservedCluster(
            hosts: hosts.compactMap(\.found?.host), stored: stored.censuses.mapValues(\.objects),
            kubeadm: kubeadm ?? .unavailable)
    }
}

/// One host of the inventory, seen or not.
package struct HostSighting: Sendable {
    package let name: HostName
    /// The address that ssh dials.
    package let address: String
    package var outcome: Outcome

    package enum Outcome: Sendable {
        case seen(Found)
        /// Why it could not be looked at.
        case unseen(reason: String)
    }

    package struct Found: Sendable {
        package var host: ObservedHost
        /// True where it runs with the operator's own configuration.
        package var isCustom: Bool
        /// What the API server calls itself: `v1.20.2`; nil where it does not answer.
        package var version: String?
        /// When its pod became ready, as Kubernetes writes times; nil where it is not, or nobody says.
        package var readySince: String?

        package init(host: ObservedHost, isCustom: Bool = false, version: String? = nil, readySince: String? = nil) {
            self.host = host
            self.isCustom = isCustom
            self.version = version
            self.readySince = readySince
        }
    }

    package init(name: HostName, address: String, outcome: Outcome) {
        self.name = name
        self.address = address
        self.outcome = outcome
    }

    /// Nil where the host could not be looked at.
    package var found: Found? {
        if case .seen(let found) = outcome { found } else { nil }
    }
}

/// What etcd still has of what objects were, or why that is not known.
package enum HistorySighting: Sendable {
    case notLookedAt
    case known(EtcdHistory)
    case unknown(reason: String)
}

/// What etcd holds, or why that is not known.
package enum StorageSighting: Sendable {
    /// `unexamined` are wildcards that configurations name, where no API said what they cover: that was not looked at.
    case known([ResourceName: StoredCensus], unexamined: [ResourceName])
    case unknown(reason: String)

    /// Empty where nothing is known.
    package var censuses: [ResourceName: StoredCensus] {
        if case .known(let censuses, _) = self { censuses } else { [:] }
    }
}
