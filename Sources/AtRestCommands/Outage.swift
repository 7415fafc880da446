internal import ControlPlane
internal import Reconciliation

/// A cluster of which no API server serves, and the host that can be put back to what it had before a step that was cut short.
///
/// Without an API server there is no plan: it is made once one serves again.
struct Outage: Sendable {
    let clusterName: String
    /// What the manifest asks for.
    let declared: EncryptionMode
    let session: ClusterSession
    let completed: CompletedSteps
    let log: RunLog
    let found: NobodyServes
    let host: HostName

    /// What would be done first, for standard output.
    var text: String {
        Outage.text(
            clusterName: clusterName, failing: found.failing, host: host, style: log.terminal.outputStyle)
    }

    var json: PlanJSON {
        PlanJSON(clusterName: clusterName, declared: declared, failing: found.failing, host: host)
    }

    static func text(
        clusterName: String, failing: [(host: HostName, checks: [String])], host: HostName,
        style: TextStyle = .plain
    ) -> String {
        """
        Cluster "\(clusterName)": no API server serves.
        \(failing.map { "  \($0.host): \($0.checks.joined(separator: ", "))" }.joined(separator: "\n"))

        \(style(.bold, "First:")) undo the step of an earlier run that was cut short
          \(style.sign("~")) \(host)  put back the files of before that step, from /var/lib/atrest/rollback; restart kube-apiserver

        What is left to do is planned once an API server serves.

        """
    }

    /// Puts the host back once the operator allows it; nil where the run can go on.
    func end(_ options: ChangeOptions) async throws -> ExitStatus? {
        Console.write(text)
        guard options.forceUpgrade else {
            log.tell(
                "Nothing was changed. Run it again with --force-upgrade to carry this out.", endingWith: .guardMissing)
            return .guardMissing
        }
        try options.requireConsent()
        try await session.takeLock()
        // Another run may have come between the look and the lock, or an API server come back.
        guard let locked = try await Outage(again: self) else { return nil }
        guard locked.host == host else { throw ChangedMeanwhile() }
        guard try await options.allow("Put \(host) back?", log) else { return .done }
        if !options.autoApprove {
            guard let latest = try await Outage(again: self) else { return nil }
            guard latest.host == host else { throw ChangedMeanwhile() }
        }
        completed.begin()
        let reporter = ProgressReporter(log, total: 1)
        try await reporter.during {
            reporter.begin(.putBack(host))
            try await session.putBack(host, progress: reporter.report)
            reporter.finish()
        }
        completed.add()
        return nil
    }
}

extension Outage {
    /// Nil where there is nothing to put back: the error says all.
    init?(
        _ found: NobodyServes, clusterName: String, declared: EncryptionMode, session: ClusterSession,
        completed: CompletedSteps, log: RunLog
    ) {
        guard let host = found.restorable else { return nil }
        self.init(
            clusterName: clusterName, declared: declared, session: session, completed: completed, log: log,
            found: found, host: host)
    }

    /// The same cluster as it is now; nil where an API server serves.
    private init?(again outage: Outage) async throws {
        do {
            _ = try await outage.session.observe()
            return nil
        } catch let found as NobodyServes {
            guard
                let again = Outage(
                    found, clusterName: outage.clusterName, declared: outage.declared, session: outage.session,
                    completed: outage.completed, log: outage.log)
            else { throw found }
            self = again
        }
    }
}
