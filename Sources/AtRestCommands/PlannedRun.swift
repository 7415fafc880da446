internal import ControlPlane
internal import FoundationEssentials
internal import Logging
internal import Reconciliation

/// An observed cluster, the plan for it, and the way to carry it out.
struct PlannedRun: Sendable {
    let clusterName: String
    let request: EncryptionRequest
    let session: ClusterSession
    /// Nil where the operator keeps none.
    let archive: KeyArchive?
    let completed: CompletedSteps
    let log: RunLog
    /// Seconds since 1970 when the run began: a key does not grow too old between two looks.
    let now: Int
    let observed: ObservedCluster
    let intent: EncryptionIntent
    let freshKey: Key
    let plan: Plan

    /// Looks at the cluster and plans.
    ///
    /// To wait changes nothing and needs nobody's leave: a run right behind another one finds nothing to do, too.
    static func look(
        clusterName: String, request: EncryptionRequest, session: ClusterSession, archive: KeyArchive?,
        completed: CompletedSteps, log: RunLog
    ) async throws -> PlannedRun {
        let run = try await PlannedRun(
            clusterName: clusterName, request: request, session: session, archive: archive, completed: completed,
            log: log, now: Int(Date().timeIntervalSince1970), renewing: nil)
        guard run.plan.onlyWaits else { return run }
        log.show("waiting for old API servers to end")
        defer { log.show(nil) }
        for item in run.plan.items { try await session.perform(item.step) }
        return try await run.again()
    }

    /// The same wish for the cluster as it is now, and the same key unless another run has made a newer one.
    private func again() async throws -> PlannedRun {
        try await PlannedRun(
            clusterName: clusterName, request: request, session: session, archive: archive, completed: completed,
            log: log, now: now, renewing: freshKey)
    }

    private init(
        clusterName: String, request: EncryptionRequest, session: ClusterSession, archive: KeyArchive?,
        completed: CompletedSteps, log: RunLog, now: Int, renewing earlier: Key?
    ) async throws {
        self.clusterName = clusterName
        self.request = request
        self.session = session
        self.archive = archive
        self.completed = completed
        self.log = log
        self.now = now
        if let custom = request.custom { await session.ask(for: custom.file, rewritingAll: request.rewrites) }
        if request.purgesHistory { await session.askForPurge() }
        observed = try await session.observe()
        try await request.custom?.check(on: session)
        intent = try await request.intent(for: observed, customHosts: session.customHosts, now: now)
        if let earlier {
            freshKey = try await session.renewed(earlier, now: now)
        } else {
            freshKey = try await session.makeFreshKey(
                provider: request.provider ?? observed.liveProvider ?? .aescbc, now: now)
        }
        do {
            plan = try Plan(from: observed, to: intent.desired, freshKey: freshKey)
        } catch {
            throw RefusedAsFound(refusal: error, observed: observed, searched: session.archivedKeys?.directory)
        }
        try await session.rehearse(plan)
    }

    var text: String { PlanText(report: report, style: log.terminal.outputStyle).render() }

    var report: PlanReport {
        PlanReport(
            clusterName: clusterName, observed: observed, intent: intent, plan: plan, freshKey: freshKey, now: now)
    }

    /// Carries the plan out, once the operator allows it.
    func apply(_ options: ChangeOptions) async throws -> ExitStatus {
        Console.write(text)
        if plan.isEmpty { return try await finish() }
        guard options.forceUpgrade else {
            let rotates = request.rotates || intent.desired == .managed(rotate: true)
            log.tell("\(MissingForceUpgrade(rotates: rotates))", endingWith: .guardMissing)
            return .guardMissing
        }
        if lacksAllowDecrypt(options) { return .guardMissing }
        try options.requireConsent()
        try archive?.rehearse(cluster: clusterName)
        try await session.takeLock()
        // Another run may have come between the look and the lock.
        let locked = try await again()
        if locked.plan != plan { Console.write("The cluster has changed meanwhile.\n" + locked.text) }
        if locked.plan.isEmpty { return try await locked.finish() }
        if locked.lacksAllowDecrypt(options) { return .guardMissing }
        guard try await options.allow(locked.question, log) else { return .done }
        // The answer may have taken long, and it was for the plan that was shown.
        let latest = options.autoApprove ? locked : try await locked.again()
        guard latest.plan == locked.plan else { throw ChangedMeanwhile() }
        try await latest.carryOut()
        return .done
    }

    private var question: String {
        (intent.warnings + ["Carry this plan out?"]).joined(separator: ". ")
    }

    /// Says so where nobody is asked and nobody has allowed what the plan decrypts.
    private func lacksAllowDecrypt(_ options: ChangeOptions) -> Bool {
        guard decrypts, options.autoApprove, !options.allowDecrypt else { return false }
        log.tell("\(MissingAllowDecrypt(warnings: intent.warnings))", endingWith: .guardMissing)
        return true
    }

    /// Whether a custom configuration has anything that is encrypted written back as plain text.
    private var decrypts: Bool {
        guard case .custom = intent.desired else { return false }
        return plan.items.contains { item in
            guard case .rewrite(let rewrites) = item.step else { return false }
            return rewrites.contains { $0.key == .identity }
        }
    }

    /// Ends a run that has nothing to change: the keys that are in use may be new to the archive nevertheless.
    private func finish() async throws -> ExitStatus {
        try await keepKeys()
        return .done
    }

    private func keepKeys() async throws {
        guard let archive else { return }
        Console.write(ArchiveText.render(try await session.keepKeys(of: plan, in: archive, now: now)))
    }

    private func carryOut() async throws {
        try await keepKeys()
        let reporter = ProgressReporter(log, total: plan.items.count)
        let driver = Driver(
            observe: { try await session.observe() },
            perform: { step in
                completed.begin()
                try await session.perform(step, progress: reporter.report)
                completed.add()
            },
            report: reporter.report)
        let final = try await reporter.during {
            try await driver.run(intent.desired, from: observed, freshKey: freshKey)
        }
        Console.write(report.resultText(final))
        if !observed.toPurge.isEmpty {
            await tellPurge()
        } else if !report.rewrites.isEmpty {
            log.tell(.info, PurgeText.advice)
        }
        if archive == nil, plan.items.contains(where: { $0.step.keys.contains(freshKey) }) {
            log.tell(.info, ArchiveText.advice)
        }
    }
}

extension PlannedRun {
    /// What the purge has brought; a member that does not tell its size just now makes it no failure.
    private func tellPurge() async {
        do {
            let (members, logs) = try await session.historyLeft()
            Console.write(PurgeText(before: observed.toPurge, after: members, logs: logs).render())
        } catch {
            log.tell(.warning, "History is purged; how large the databases are now is not known: \(error)")
        }
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
