internal import ControlPlane
internal import Reconciliation

/// Whose configuration a cluster runs with, or is to run with.
enum EncryptionMode: String, Encodable, Sendable {
    case disabled
    case managed
    /// The operator's own.
    case custom

    init(_ declared: DeclaredEncryption) {
        switch declared {
        case .disabled: self = .disabled
        case .managed: self = .managed
        case .custom: self = .custom
        }
    }

    /// What the hosts that were seen run with.
    init(_ sighting: ClusterSighting) {
        let found = sighting.hosts.compactMap(\.found)
        if found.contains(where: \.isCustom) {
            self = .custom
        } else {
            self = found.contains { $0.host.isFlagged || $0.host.file != .absent } ? .managed : .disabled
        }
    }
}
