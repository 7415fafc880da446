/// What every host and every object is to end with, worked out from the operator's wish and what was found.
struct Wish {
    let target: Target
    private let managesSecretsOnly: Bool

    init(desired: DesiredEncryption, observed: ObservedCluster, freshKey: Key) {
        switch desired {
        case .disabled:
            target = .removed
            managesSecretsOnly = false
        case .managed(let rotate):
            let key = Wish.managedKey(observed: observed, rotate: rotate, freshKey: freshKey)
            target = .managed(
                EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: [key, .identity])]))
            managesSecretsOnly = true
        case .custom(let custom):
            target = .custom(custom)
            managesSecretsOnly = false
        }
    }

    /// W of design section 3.
    func writeKey(for resource: ResourceName) -> Key {
        target.configuration.keyRing(for: resource).writeKey
    }

    /// Whether a host's disk is what it is to end with.
    ///
    /// A managed wish adopts a configuration that differs only in whether plain text may still be read.
    func isMet(by host: ObservedHost, for resources: [ResourceName]) -> Bool {
        switch target {
        case .removed:
            return !host.isFlagged && host.file == .absent
        case .custom(let custom):
            guard case .present(_, let digest) = host.file else { return false }
            return host.isFlagged && isInPlace(host) && digest == custom.digest && host.drift.isEmpty
        case .configuration, .managed:
            guard host.isFlagged, isInPlace(host), let onDisk = host.file.configuration, host.drift.isEmpty else {
                return false
            }
            return resources.allSatisfy { resource in
                let live = onDisk.keyRing(for: resource)
                return live.writeKey == writeKey(for: resource) && Set(live.others).isSubset(of: [.identity])
            }
        }
    }

    /// Whether a host's configuration file, if it is to have one, stands where it is to stand.
    func isInPlace(_ host: ObservedHost) -> Bool {
        switch target {
        case .removed: true
        case .custom: host.place == .custom
        case .configuration, .managed: host.place == .managed
        }
    }

    /// The key of a managed configuration: a fresh one where there is none or a new one is asked for; where more than one
    /// stands in the hosts' files an operation was cut short, and one of those is chosen.
    private static func managedKey(observed: ObservedCluster, rotate: Bool, freshKey: Key) -> Key {
        let keys = observed.keysInFiles
        let local = keys.filter { $0.isLocal }
        guard let only = local.first else { return freshKey }
        guard keys.count > 1 else {
            return rotate && only != freshKey ? freshKey : only
        }
        if let newest = local.filter({ $0.isOurs }).max(by: { $0.name < $1.name }) { return newest }
        let writeKeys = observed.hosts.compactMap { $0.onDisk?.keyRing(for: .secrets).writeKey }
        if let shared = writeKeys.first, shared.isLocal, Set(writeKeys).count == 1 { return shared }
        return writeKeys.first { $0.isLocal } ?? only
    }
}

extension ObservedCluster {
    /// Every key but `identity` in the hosts' configuration files, also in those that no flag names, in a fixed order.
    package var keysInFiles: [Key] {
        Set(hosts.compactMap(\.file.configuration).flatMap(\.keys)).subtracting([.identity]).sorted()
    }

    /// True where the hosts tell of an operation that was cut short, so that no key may be made: more than one stands in
    /// their files, or, in its very last step, the one before is left only in what a rollback needs.
    package var showsInterruption: Bool {
        let kept = hosts.compactMap(\.openStep).reduce(into: Set(keysInFiles)) { $0.formUnion($1) }
        return !keysInFiles.isEmpty && kept.subtracting([.identity]).count > 1
    }
}

extension DesiredEncryption {
    /// The wish of a run: an interrupted rotation is finished, and no other is begun behind it.
    package func resolved(by first: ObservedCluster) -> DesiredEncryption {
        self == .managed(rotate: true) && first.showsInterruption ? .managed(rotate: false) : self
    }
}

extension Key {
    /// The key's name; empty for `identity`.
    package var name: String {
        switch self {
        case .identity: ""
        case .local(_, let name, _), .kms(_, let name, _): name
        }
    }

    package var isLocal: Bool {
        if case .local = self { true } else { false }
    }

    /// Whether atrest made this key, by its name such as `atrest-20260131T235959-x7k2`; such names sort by their time.
    package var isOurs: Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard isLocal, parts.count == 3, parts[0] == "atrest", parts[1].utf8.count == 15, parts[2].utf8.count == 4
        else {
            return false
        }
        return parts[1].utf8.enumerated().allSatisfy { index, byte in
            index == 8 ? byte == UInt8(ascii: "T") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
    }
}
