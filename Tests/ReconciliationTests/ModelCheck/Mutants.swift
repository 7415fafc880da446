import Reconciliation

/// Deciders with one known mistake each: a check that does not find it proves nothing.
enum Mutant {
    /// No host is made to read the wanted key before the first one writes with it.
    static func withoutReadFirstRound(
        _ observed: ObservedCluster, _ desired: DesiredEncryption, _ freshKey: Key
    ) -> Decision {
        guard
            case .perform(.configure(let host, let target, .readableEverywhere), let reason) =
                decide(observed, desired, freshKey: freshKey)
        else { return decide(observed, desired, freshKey: freshKey) }
        let wanted = desired == .disabled ? .identity : newestKey(in: target)
        return .perform(.configure(host, writing(with: wanted, target), .writeWithWanted), because: reason)
    }

    private static func newestKey(in target: Target) -> Key {
        target.configuration.keys.filter(\.isLocal).max() ?? .identity
    }

    private static func writing(with key: Key, _ target: Target) -> Target {
        let ring = target.configuration.keyRing(for: .secrets).keys
        guard ring.contains(key) else { return target }
        return .configuration(
            EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: [key] + ring.filter { $0 != key })]))
    }
}
