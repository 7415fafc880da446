internal import Reconciliation

/// How long a run waits for hosts that are not as they should be: once for each finding.
struct Patience {
    /// What is waited for to pass.
    struct Finding: Hashable {
        let host: HostName
        /// The checks that fail; none where the API server answers nothing.
        let checks: [String]

        /// True where an object that cannot be decrypted would explain all of it.
        var isUnreadable: Bool { checks == [HostHealth.informers] }
    }

    let length: Duration
    private var deadlines: [Finding: ContinuousClock.Instant] = [:]

    init(length: Duration = .seconds(45)) {
        self.length = length
    }

    /// Whether any of these is still worth waiting for.
    ///
    /// A host that has none of them is well, and is waited for anew should it fail again.
    mutating func lasts(for findings: [Finding], at now: ContinuousClock.Instant) -> Bool {
        let hosts = Set(findings.map(\.host))
        deadlines = deadlines.filter { hosts.contains($0.key.host) }
        for finding in findings where deadlines[finding] == nil { deadlines[finding] = now + length }
        return findings.contains { finding in deadlines[finding].map { now < $0 } ?? false }
    }
}
