internal import ArgumentParser
internal import ControlPlane
internal import Logging
internal import Reconciliation

/// What every command that looks at a cluster does: read the inputs, open the way to the hosts, observe, plan.
struct Run: Sendable {
    let input: InputOptions
    let ssh: SSHOptions
    let log: RunLog
    let logger: Logger
    let limits: RunLimits
    let stopRequest: StopRequest

    init(input: InputOptions, ssh: SSHOptions, output: OutputOptions, limits: RunLimits = RunLimits()) {
        self.input = input
        self.ssh = ssh
        self.limits = limits
        log = output.makeLog()
        logger = log.logger(output.logLevel)
        stopRequest = StopRequest(log: log)
    }

    /// Plans, and hands the plan to `body`; failures are told on standard error and become the exit code.
    ///
    /// Where nothing can be planned because no API server serves, `end` may change that; what it returns instead of nil is the
    /// run's result.
    func execute(
        _ key: KeyOptions, _ archivedKeys: ArchivedKeysOptions, keyArchive: KeyArchiveOptions? = nil,
        outage end: @escaping @Sendable (Outage) async throws -> ExitStatus?,
        _ body: @escaping @Sendable (PlannedRun) async throws -> ExitStatus
    ) async throws {
        let completed = CompletedSteps()
        try await stopRequest.reportingFailures(of: completed) {
            let archive = try keyArchive?.archive()
            let declared = try await input.read(log)
            let request = try EncryptionRequest(declared.encryption, key)
            let archivedKeys = try archivedKeys.keys(of: declared.inventory.clusterName)
            let session = try await ClusterSession.open(
                declared.inventory, hostKeys: try ssh.hostKeys(), archivedKeys: archivedKeys,
                limits: limits, logger: logger)
            do {
                let plan = { @Sendable in
                    try await PlannedRun.look(
                        clusterName: declared.inventory.clusterName, request: request, session: session,
                        archive: archive, completed: completed, log: log)
                }
                let status: ExitStatus
                do {
                    status = try await body(try await plan())
                } catch let found as NobodyServes where completed.stage == .beforeChanges {
                    let outage = Outage(
                        found, clusterName: declared.inventory.clusterName,
                        declared: EncryptionMode(declared.encryption), session: session, completed: completed, log: log)
                    guard let outage else { throw found }
                    try archive?.rehearse(cluster: declared.inventory.clusterName)
                    if let end = try await end(outage) {
                        status = end
                    } else {
                        status = try await body(try await plan())
                    }
                }
                await session.close()
                return status
            } catch {
                await session.close()
                throw error
            }
        }
    }
}
