/// Everything that `decide` derives its next step from.
package struct ObservedCluster: Hashable, Sendable {
    /// In inventory order.
    package var hosts: [ObservedHost]
    /// What etcd holds, by resource; observed *after* the hosts, so that what is proved stays proved.
    package var stored: [ResourceName: StoredObjects]
    /// What a future `kubeadm upgrade` or join would give an API server.
    package var kubeadm: KubeadmRecord
    /// Nil where nobody can know.
    package var room: StorageRoom?
    /// Keys of the operator's archive and the file that each was read from: for objects that no host's file has the key of,
    /// and for nothing else.
    package var archivedKeys: [Key: String]
    /// Resources that the operator wants written anew although etcd shows no difference: which of its own keys a KMS v2
    /// plugin encrypted an object with cannot be seen there.
    package var toRewrite: Set<ResourceName> = []
    /// The etcd members whose history the operator wants purged, and that this run has not purged yet.
    package var toPurge: [EtcdMember] = []

    package init(
        hosts: [ObservedHost], stored: [ResourceName: StoredObjects], kubeadm: KubeadmRecord,
        room: StorageRoom? = nil, archivedKeys: [Key: String] = [:]
    ) {
        self.hosts = hosts
        self.stored = stored
        self.kubeadm = kubeadm
        self.room = room
        self.archivedKeys = archivedKeys
    }
}

/// One control-plane host as it was found.
package struct ObservedHost: Hashable, Sendable {
    package let name: HostName
    /// The configuration file that the flag names (or, without the flag, the one at the managed or the custom path).
    package var file: ConfigurationFile
    package var place: ConfigurationPlace
    /// True where the static pod's manifest carries `--encryption-provider-config`.
    package var isFlagged: Bool
    package var loaded: LoadedConfiguration
    package var lingering: LingeringProcess
    package var health: HostHealth
    /// What differs from what atrest would have written, other than the keys: modes, owners, mounts.
    package var drift: [String]
    /// True where a step that was cut short left files behind that nothing needs any more; they may hold a key.
    package var hasLeftovers: Bool
    /// Where a step was cut short: the keys in the file that its rollback would bring back; nil where none was.
    package var openStep: Set<Key>?
    /// The KMS keys that an API server of this host could not use now, because nobody accepts a connection where their plugin
    /// should be; with what was found there.
    package var silentKMS: [Key: String]
    /// True where its API server loads the file again by itself when that changes, and so takes no KMS name twice.
    package var reloads: Bool

    package init(
        name: HostName, file: ConfigurationFile, place: ConfigurationPlace = .managed, isFlagged: Bool,
        loaded: LoadedConfiguration,
        lingering: LingeringProcess = .none, health: HostHealth = .ready, drift: [String] = [],
        hasLeftovers: Bool = false, openStep: Set<Key>? = nil, silentKMS: [Key: String] = [:],
        reloads: Bool = false
    ) {
        self.name = name
        self.file = file
        self.place = place
        self.isFlagged = isFlagged
        self.loaded = loaded
        self.lingering = lingering
        self.health = health
        self.drift = drift
        self.hasLeftovers = hasLeftovers
        self.openStep = openStep
        self.silentKMS = silentKMS
        self.reloads = reloads
    }

    /// What an API server that starts now would use; nil where it could not start.
    package var onDisk: EncryptionConfiguration? {
        guard isFlagged else { return .unencrypted }
        return file.configuration
    }

    /// What the API server of now uses; nil where nobody can know, or none runs.
    package var inForce: EncryptionConfiguration? {
        switch loaded {
        case .disk: onDisk
        case .before(let configuration): configuration
        case .unknown, .notRunning: nil
        }
    }
}

/// Where a host's configuration file stands.
package enum ConfigurationPlace: Hashable, Sendable {
    /// Where the managed one does.
    case managed
    /// Where an operator's own does that a manifest declares.
    case custom
    /// Somewhere else: made by hand.
    case elsewhere
}

/// The configuration file on a host.
package enum ConfigurationFile: Hashable, Sendable {
    case absent
    /// `digest` is the lower-case hex SHA-256 of the file's bytes.
    case present(EncryptionConfiguration, digest: String)
    /// There, but no API server could load it; the reason says why and where.
    case unusable(reason: String)

    package var configuration: EncryptionConfiguration? {
        if case .present(let configuration, _) = self { configuration } else { nil }
    }
}

/// Which configuration the newest API server process of a host holds in memory.
package enum LoadedConfiguration: Hashable, Sendable {
    /// The one on disk.
    case disk
    /// One from before the last write, which is known (from the copy kept for a rollback, or because there was no flag).
    case before(EncryptionConfiguration)
    case unknown
    case notRunning
}

/// An API server process from before the newest one that is still alive: it may finish a read or a write with what it had.
package enum LingeringProcess: Hashable, Sendable {
    case none
    /// What it has loaded, where this run saw it serving.
    case holding(EncryptionConfiguration)
    case unknown
}

/// A host's API server, judged check by check.
package enum HostHealth: Hashable, Sendable {
    case ready
    /// Only checks fail that a right configuration would mend (`informer-sync`, `kms-provider-*`, or it cannot start).
    case repairable(failing: [String])
    case unhealthy(failing: [String])
    /// No control plane on this host yet.
    case notJoined
}

/// What etcd holds of one resource.
package struct StoredObjects: Hashable, Sendable {
    package var count: Int
    /// Every form under which at least one object is stored.
    package var forms: Set<StoredForm>

    package init(count: Int, forms: Set<StoredForm>) {
        self.count = count
        self.forms = forms
    }
}

/// A member of the etcd cluster.
package struct EtcdMember: Hashable, Sendable {
    /// etcd's own name for it.
    package let name: String
    /// The size of its database file, old revisions and free pages included.
    package let bytes: Int
    /// How much of that is in use; the rest are free pages, which keep the bytes of what was there.
    package let used: Int
    /// The control-plane host that it runs on, where it does.
    package let host: HostName?

    package init(name: String, bytes: Int, used: Int, host: HostName?) {
        self.name = name
        self.bytes = bytes
        self.used = used
        self.host = host
    }
}

/// The API server's encryption entries in kubeadm's ClusterConfiguration.
package enum KubeadmRecord: Hashable, Sendable {
    /// No flag and no volumes of ours.
    case absent
    /// The flag and the volumes.
    case present
    /// Something of them is missing or different.
    case partial
    /// All that is needed, and volumes of ours that nothing needs.
    case excess
    /// The cluster has no kubeadm-config ConfigMap.
    case unavailable
}
