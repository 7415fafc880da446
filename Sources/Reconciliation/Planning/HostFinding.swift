/// What stands otherwise on a host than a finished run leaves it.
package enum HostFinding: Hashable, Sendable {
    /// The flag names a file that is not there.
    case fileMissing
    /// The file is there and no API server could load it; the reason says where and why.
    case fileUnusable(reason: String)
    /// The other hosts' manifests carry the flag, or this one has the file for it.
    case flagMissing
    /// The API server has something else in memory than what is on its disk.
    case notLoaded
    /// These health checks fail.
    case failing([String])
    /// Modes, owners, mounts.
    case drift(String)
}

extension ObservedCluster {
    /// What is wrong on a host; empty also where an operation that was cut short explains it.
    package func findings(on host: ObservedHost) -> [HostFinding] {
        var findings = host.fileFinding.map { [$0] } ?? []
        if !host.isFlagged, host.health != .notJoined, interruption == nil, !keysInFiles.isEmpty {
            findings.append(.flagMissing)
        }
        if case .before = host.loaded { findings.append(.notLoaded) }
        switch host.health {
        case .repairable(let failing), .unhealthy(let failing): findings.append(.failing(failing))
        case .ready, .notJoined: break
        }
        return findings + host.drift.map(HostFinding.drift)
    }
}

extension ObservedHost {
    /// Why no API server could start with the configuration file.
    package var fileFinding: HostFinding? {
        switch file {
        case .absent where isFlagged: .fileMissing
        case .unusable(let reason): .fileUnusable(reason: reason)
        case .absent, .present: nil
        }
    }
}
