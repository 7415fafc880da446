internal import ControlPlane
internal import FoundationEssentials
internal import Reconciliation

/// An observed cluster, the plan for it, and the way to carry it out.
struct PlannedRun: Sendable {
    let clusterName: String
    let desired: DesiredEncryption
    let session: ClusterSession
    let completed: CompletedSteps
    let observed: ObservedCluster
    let freshKey: Key
    let plan: Plan

    init(
        clusterName: String, desired: DesiredEncryption, session: ClusterSession, completed: CompletedSteps
    ) async throws {
        self.clusterName = clusterName
        self.desired = desired
        self.session = session
        self.completed = completed
        observed = try await session.observe()
        freshKey = try await session.makeFreshKey(
            provider: observed.liveProvider ?? .aescbc, now: Int(Date().timeIntervalSince1970))
        plan = try Plan(from: observed, to: desired, freshKey: freshKey)
        try await session.rehearse(plan)
    }

    /// The same wish and key for the cluster as it is now.
    private init(again run: PlannedRun) async throws {
        clusterName = run.clusterName
        desired = run.desired
        session = run.session
        completed = run.completed
        freshKey = run.freshKey
        observed = try await session.observe()
        plan = try Plan(from: observed, to: desired, freshKey: freshKey)
        try await session.rehearse(plan)
    }

    var text: String {
        PlanText(clusterName: clusterName, observed: observed, plan: plan).render()
    }

    /// Carries the plan out, once the operator allows it.
    func apply(_ options: ChangeOptions) async throws -> ExitStatus {
        Console.write(text)
        if plan.isEmpty { return .done }
        guard options.forceUpgrade else {
            let rotation =
                options.rotateEncryptionKey ? "rotating encryption keys requires the --force-upgrade flag. " : ""
            Console.writeError(
                "\(rotation)Nothing was changed: the cluster is provisioned, and a change restarts its API servers. "
                    + "Run it again with --force-upgrade to carry this plan out.\n")
            return .guardMissing
        }
        guard options.autoApprove || Console.isInteractive else { throw NoTerminal() }
        try await session.takeLock()
        // Another run may have come between the look and the lock.
        let locked = try await PlannedRun(again: self)
        if locked.plan != plan { Console.write("The cluster has changed meanwhile.\n" + locked.text) }
        if locked.plan.isEmpty { return .done }
        guard !options.autoApprove else {
            try await locked.carryOut()
            return .done
        }
        guard try await Console.ask("Carry this plan out? Only \"yes\" is taken: ") == "yes" else {
            Console.writeError("Declined; nothing was changed.\n")
            return .done
        }
        // The answer may have taken long, and it was for the plan that was shown.
        let latest = try await PlannedRun(again: locked)
        guard latest.plan == locked.plan else { throw ChangedMeanwhile() }
        try await latest.carryOut()
        return .done
    }

    private func carryOut() async throws {
        let reporter = ProgressReporter(isLive: Console.isLive, total: plan.items.count)
        defer { reporter.endLine() }
        let driver = Driver(
            observe: { try await session.observe() },
            perform: { step in
                completed.begin()
                try await session.perform(step, progress: reporter.rewriting)
                completed.add()
            },
            report: reporter.report)
        let final = try await driver.run(desired, from: observed, freshKey: freshKey)
        Console.write(PlanText(clusterName: clusterName, observed: final, plan: plan).renderResult())
    }
}

extension ObservedCluster {
    /// The provider of the key that Secrets are written with; nil where that is plain text or a KMS.
    fileprivate var liveProvider: LocalProvider? {
        for host in hosts {
            if case .local(let provider, _, _)? = host.onDisk?.keyRing(for: .secrets).writeKey { return provider }
        }
        return nil
    }
}

/// The cluster is not what the operator's answer was for.
struct ChangedMeanwhile: Error, CustomStringConvertible {
    let description =
        "the cluster has changed while the question was open; run the same command again to see the new plan"
}

/// The prompt cannot be shown.
struct NoTerminal: Error, CustomStringConvertible {
    let description =
        "there is no terminal to ask on. Read the plan above, then run the same command with -y to carry it out"
}
