/// What an earlier run was doing when it was cut short, as far as hosts and etcd tell.
package enum Interruption: Hashable, Sendable {
    case enable
    case disable
    case rotation
    /// The hosts' files hold different keys, and none holds two: no rotation leaves that behind, but a host that was away does.
    case differentKeys
    /// Some operation: what is left of it fits more than one.
    case unknown
}

extension ObservedCluster {
    /// The operation that was cut short, if one was; a host that merely lost its file or its flag is none.
    package var interruption: Interruption? {
        let files = members.compactMap(\.file.configuration)
        let rings = (files + members.compactMap(\.inForce)).map(\.keys) + members.compactMap(\.openStep)
        if rings.contains(where: { $0.subtracting([.identity]).count > 1 }) { return .rotation }
        if keysInFiles.count > 1 { return .differentKeys }
        let hasOpenStep = members.contains { $0.openStep != nil }
        return (keysInFiles.first.map(interruption(with:)) ?? nil) ?? (hasOpenStep ? .unknown : nil)
    }

    /// Tells enable from disable by who has the only key, who writes with it, and what is stored under it.
    private func interruption(with key: Key) -> Interruption? {
        let rings = members.map { $0.onDisk?.keyRing(with: key) }
        let writers = rings.count { $0?.writeKey == key }
        let readers = rings.count { $0 != nil } - writers
        let files = files(with: key)
        let forms = stored.reduce(into: Set<StoredForm>()) { forms, found in
            guard files.contains(where: { $0.keyRing(for: found.key).contains(key) }) else { return }
            forms.formUnion(found.value.forms)
        }
        let isUsed = forms.contains(key.storedForm)
        let isPlaintextLeft = forms.contains(.plaintext)
        switch (writers, readers) {
        case (members.count, _):
            return isPlaintextLeft ? .enable : nil
        case (1..., 0):
            return isUsed ? nil : .enable
        case (1..., _):
            return !isUsed ? .enable : isPlaintextLeft ? .unknown : .disable
        case (0, 1...) where isUsed:
            return isPlaintextLeft ? .unknown : .disable
        default:
            return isUsed ? nil : unusedKey(key)
        }
    }

    /// Rounds go through the hosts in order: enable brings the key to the first one first, disable takes it from there first.
    private func unusedKey(_ key: Key) -> Interruption {
        let holds = members.map { $0.file.configuration?.keys.contains(key) == true }
        return switch (holds.first, holds.last) {
        case (true?, false?): .enable
        case (false?, true?): .disable
        default: .unknown
        }
    }

    private func files(with key: Key) -> [EncryptionConfiguration] {
        members.compactMap(\.file.configuration).filter { $0.keys.contains(key) }
    }

    private var members: [ObservedHost] { hosts.filter { $0.health != .notJoined } }
}

extension EncryptionConfiguration {
    /// The keys of the first resource that can be read with a key.
    fileprivate func keyRing(with key: Key) -> KeyRing? {
        resources.lazy.map(keyRing(for:)).first { $0.contains(key) }
    }
}
