/// N of design section 3 for every resource: the keys that some object may be stored under, now or by a write to come.
struct NeededKeys {
    /// Every name in any configuration, and every resource that etcd was asked about, sorted.
    ///
    /// A wildcard is one of them by itself: it stands for all that it covers and nobody has looked at, such as a custom resource
    /// that is installed in the middle of a run.
    let resources: [ResourceName]
    private let needed: [ResourceName: Set<Key>]

    init(observed: ObservedCluster, wish: Wish, freshKey: Key) throws(Refusal) {
        let configurations = observed.hosts.flatMap(\.configurationsInUse)
        let named = (configurations + [wish.target.configuration]).flatMap(\.resources)
        resources = Set(named + observed.stored.keys).sorted()

        let known = NeededKeys.knownKeys(observed: observed, wish: wish, freshKey: freshKey)
        try NeededKeys.refuseAmbiguousNames(known, observed: observed)
        let byForm = Dictionary(known.map { ($0.storedForm, $0) }, uniquingKeysWith: { first, _ in first })
        let archived = Dictionary(grouping: observed.archivedKeys, by: \.key.storedForm)

        var needed: [ResourceName: Set<Key>] = [:]
        for resource in resources {
            var keys: Set<Key> = [wish.writeKey(for: resource)]
            for configuration in configurations {
                keys.insert(configuration.keyRing(for: resource).writeKey)
            }
            for form in (observed.stored[resource]?.forms ?? []).sorted() {
                if let key = byForm[form] {
                    keys.insert(key)
                    continue
                }
                let candidates = archived[form] ?? []
                guard candidates.count < 2 else {
                    throw .ambiguousArchive(form, files: candidates.map(\.value).sorted())
                }
                guard let key = candidates.first?.key else {
                    throw .keyMissing(form, resource: resource, unknown: observed.hostsWithUnknownConfiguration)
                }
                keys.insert(key)
            }
            needed[resource] = keys
        }
        self.needed = needed
    }

    func callAsFunction(_ resource: ResourceName) -> Set<Key> {
        needed[resource] ?? [.identity]
    }

    /// Every key that any resource needs.
    var all: Set<Key> { needed.values.reduce(into: []) { $0.formUnion($1) } }

    private static func knownKeys(observed: ObservedCluster, wish: Wish, freshKey: Key) -> Set<Key> {
        observed.hosts.reduce(into: wish.target.configuration.keys.union([.identity, freshKey])) { known, host in
            known.formUnion(host.knownKeys)
        }
    }

    private static func refuseAmbiguousNames(_ known: Set<Key>, observed: ObservedCluster) throws(Refusal) {
        var seen: [String: Key] = [:]
        for key in known.sorted() where key != .identity {
            if let other = seen.updateValue(key, forKey: key.uniqueName), other != key {
                let hosts = observed.hosts.filter { !$0.knownKeys.isDisjoint(with: [key, other]) }
                if case .kms = key { throw .ambiguousKMS(key.name, [other, key], hosts: hosts.map(\.name)) }
                throw .ambiguousName(key.name, hosts: hosts.map(\.name))
            }
        }
    }
}

extension ObservedHost {
    /// What this host's API servers write with: by its disk, by what is in force, by what lingers.
    fileprivate var configurationsInUse: [EncryptionConfiguration] {
        var configurations = [onDisk, inForce].compactMap(\.self)
        if case .holding(let configuration) = lingering { configurations.append(configuration) }
        return configurations
    }

    /// Every key that this host has in a file or is known to hold in memory.
    fileprivate var knownKeys: Set<Key> {
        (configurationsInUse + [file.configuration].compactMap(\.self)).reduce(into: []) { $0.formUnion($1.keys) }
    }
}

extension ObservedCluster {
    /// What objects are stored under that no host's file has the key of.
    package var formsWithoutKey: Set<StoredForm> {
        let known = hosts.reduce(into: Set<Key>()) { $0.formUnion($1.knownKeys) }
        let held = stored.values.reduce(into: Set<StoredForm>()) { $0.formUnion($1.forms) }
        return held.subtracting(known.map(\.storedForm)).subtracting([.plaintext])
    }

    /// Hosts whose API server has no key for some of what is stored.
    package var hostsThatCannotRead: Set<HostName> {
        let hosts = hosts.filter { host in
            guard let inForce = host.inForce else { return false }
            return stored.contains { resource, objects in
                !objects.forms.isSubset(of: Set(inForce.keyRing(for: resource).keys.map(\.storedForm)))
            }
        }
        return Set(hosts.map(\.name))
    }

    /// Hosts with a running API server whose configuration nobody can know.
    package var hostsWithUnknownConfiguration: [HostName] {
        hosts.filter { $0.loaded == .unknown }.map(\.name)
    }
}

extension Key {
    /// What must not stand for two keys: an API server picks by provider and name alone.
    ///
    /// A KMS name is unique over versions.
    fileprivate var uniqueName: String {
        switch self {
        case .identity: "identity"
        case .local(let provider, let name, _): "\(provider.rawValue):\(name)"
        case .kms(_, let name, _): "kms:\(name)"
        }
    }
}
