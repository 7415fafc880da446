/// The loop that carries a cluster to its operator's wish: observe, decide, perform, observe again.
package struct Driver: Sendable {
    /// Looks at the hosts, then at etcd.
    package var observe: @Sendable () async throws -> ObservedCluster
    /// Makes one change and checks its postcondition; it throws where that does not hold.
    package var perform: @Sendable (Step) async throws -> Void
    package var report: @Sendable (Progress) -> Void

    /// What the loop tells while it runs.
    package enum Progress: Hashable, Sendable {
        case begins(Step, because: Reason)
        case finished(Step)
    }

    package init(
        observe: @escaping @Sendable () async throws -> ObservedCluster,
        perform: @escaping @Sendable (Step) async throws -> Void,
        report: @escaping @Sendable (Progress) -> Void
    ) {
        self.observe = observe
        self.perform = perform
        self.report = report
    }

    /// Runs until there is nothing left to do.
    ///
    /// Cancellation is honoured between steps; a step that has begun is finished.
    ///
    /// - Returns: the cluster as it was observed last.
    /// - Throws: what `observe` or `perform` throw; `Refusal`; `StepHadNoEffect`; `CancellationError`.
    package func run(
        _ desired: DesiredEncryption, from first: ObservedCluster, freshKey: Key
    ) async throws -> ObservedCluster {
        let desired = desired.resolved(by: first)
        var observed = first
        var made: [Step] = []
        while true {
            switch decide(observed, desired, freshKey: freshKey) {
            case .done: return observed
            case .refuse(let refusal): throw refusal
            case .perform(let step, let reason):
                guard made.count(where: { $0 == step }) < Driver.repetitionLimit else {
                    throw StepHadNoEffect(step: step, reason: reason)
                }
                try Task.checkCancellation()
                report(.begins(step, because: reason))
                try await perform(step)
                report(.finished(step))
                made.append(step)
                observed = try await observe()
            }
        }
    }

    /// A rewrite may have to be repeated for what a lingering process wrote behind it, and a wait may come at two barriers.
    fileprivate static let repetitionLimit = 4
}

/// A step that was made and still is needed.
package struct StepHadNoEffect: Error, Hashable, Sendable, CustomStringConvertible {
    package let step: Step
    package let reason: Reason

    package var description: String {
        switch step {
        case .configure(let host, _, _), .stage(let host, _):
            "\(host) was changed, and still is not what it must be: something else changes it back"
        case .settle(let hosts):
            "the old API server of \(hosts.map(\.text).joined(separator: ", ")) does not end"
        case .tidy(let hosts):
            "what an earlier run left on \(hosts.map(\.text).joined(separator: ", ")) cannot be removed"
        case .purgeHistory(let member):
            "the history of the etcd member \(member) was purged, and still is to be"
        case .recordInKubeadm, .removeFromKubeadm:
            "the kubeadm-config ConfigMap was changed, and still is not what it must be: something else changes it back"
        case .rewrite(let rewrites):
            """
            \(rewrites.map(\.resource.text).joined(separator: ", ")) were rewritten \(Driver.repetitionLimit) times, and etcd \
            still shows objects under another key
            """
        }
    }
}
