internal import ArgumentParser
internal import ControlPlane
internal import Logging
internal import Reconciliation

/// What every command that looks at a cluster does: read the inputs, open the way to the hosts, observe, plan.
struct Run: Sendable {
    let input: InputOptions
    let logger: Logger
    let restartTimeout: Duration
    let stopRequest = StopRequest()

    init(input: InputOptions, output: OutputOptions, restartTimeout: Duration = .seconds(300)) {
        self.input = input
        self.restartTimeout = restartTimeout
        logger = output.makeLogger()
    }

    /// Plans, and hands the plan to `body`; failures are told on standard error and become the exit code.
    func execute(
        _ key: KeyOptions, _ body: @escaping @Sendable (PlannedRun) async throws -> ExitStatus
    ) async throws {
        let completed = CompletedSteps()
        try await reportingFailures(of: completed) {
            let declared = try input.read()
            let request = try EncryptionRequest(declared.encryption, key)
            let session = try await ClusterSession.open(
                declared.inventory, restartTimeout: restartTimeout, logger: logger)
            do {
                let planned = try await PlannedRun(
                    clusterName: declared.inventory.clusterName, request: request, session: session,
                    completed: completed)
                let status = try await body(planned)
                await session.close()
                return status
            } catch {
                await session.close()
                throw error
            }
        }
    }

    func reportingFailures(
        of completed: CompletedSteps = CompletedSteps(), _ body: @escaping @Sendable () async throws -> ExitStatus
    ) async throws {
        let status: ExitStatus
        do {
            status = try await stopRequest.guarding(body)
        } catch {
            status = ExitStatus(for: error, at: completed.stage, signal: stopRequest.signal)
            Console.writeError(FailureText.render(error, status: status) + "\n")
        }
        if status != .done { throw status.exitCode }
    }
}
