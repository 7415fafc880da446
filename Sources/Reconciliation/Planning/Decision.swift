/// What `decide` says to do now.
package enum Decision: Hashable, Sendable {
    /// The cluster is what the operator asks for.
    case done
    case refuse(Refusal)
    case perform(Step, because: Reason)
}

/// One change, with a postcondition that its performer checks.
package enum Step: Hashable, Sendable {
    /// Give a host this configuration, and an API server process that has loaded it.
    case configure(HostName, Target, Round)
    /// Put the configuration file on a host that has no control plane yet, so that its join works.
    case stage(HostName, Target)
    /// Wait until the old API server processes of these hosts are gone.
    case settle([HostName])
    /// Write the flag and the volumes into kubeadm's ClusterConfiguration.
    case recordInKubeadm
    /// Remove them again.
    case removeFromKubeadm
    /// Have every object of these resources stored under its write key.
    case rewrite([Rewrite])

    /// Remove what steps that were cut short left on these hosts, and nothing needs any more.
    case tidy([HostName])
    /// Have the etcd member of this name drop every revision but the newest, and write its database anew without them.
    case purgeHistory(String)

    /// One resource to rewrite, and the key that it ends under.
    package struct Rewrite: Hashable, Sendable {
        package let resource: ResourceName
        package let key: Key

        package init(resource: ResourceName, key: Key) {
            self.resource = resource
            self.key = key
        }
    }
}

/// What a host's disk is to hold after a step.
package enum Target: Hashable, Sendable {
    /// A file that atrest renders, where the host has its file.
    case configuration(EncryptionConfiguration)
    /// A file that atrest renders, at its own path.
    case managed(EncryptionConfiguration)
    /// The operator's own text, verbatim, at its own path.
    case custom(CustomConfiguration)
    /// No flag, no mounts, no file.
    case removed

    package var configuration: EncryptionConfiguration {
        switch self {
        case .configuration(let configuration), .managed(let configuration): configuration
        case .custom(let custom): custom.configuration
        case .removed: .unencrypted
        }
    }
}

/// The rounds of design section 3; a round begins only when the one before holds on every host.
package enum Round: Int, Hashable, Sendable, Comparable {
    case readableEverywhere = 1
    case writeWithWanted = 2
    case prune = 4

    package static func < (left: Round, right: Round) -> Bool { left.rawValue < right.rawValue }
}

/// Why a step is needed.
package enum Reason: Hashable, Sendable {
    /// A host cannot read these keys yet.
    case missing([Key])
    /// The host's API server has not loaded what is on its disk, or nobody can know what it has loaded.
    case notLoaded
    /// The host's API server cannot start with what is on its disk.
    case cannotStart
    case writesWith(Key)
    /// Objects are stored under these forms instead of the wanted key.
    case storedUnder([StoredForm])
    /// The operator asks for it: a KMS v2 plugin may have encrypted objects with an older key of its own.
    case keyOfPluginUnseen
    /// An API server process from before may still write with what it had.
    case lingering
    /// The host has more or other than is asked for.
    case differsFromWish
    /// The configuration file is to stand at another path.
    case standsElsewhere
    case kubeadmWouldDropIt
    /// kubeadm would mount the sockets of a KMS that no host has any more.
    case kubeadmHasMore
    case kubeadmWouldBringItBack
    case notJoined
    /// An earlier run died in the middle of a step.
    case cutShort
    /// The operator asks for it: etcd keeps what objects were before their last write.
    case historyUnseen
}
