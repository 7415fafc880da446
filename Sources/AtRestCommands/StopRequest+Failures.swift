internal import ArgumentParser

extension StopRequest {
    /// Runs `body`; a failure is told on standard error and becomes the exit code.
    func reportingFailures(
        of completed: CompletedSteps = CompletedSteps(), _ body: @escaping @Sendable () async throws -> ExitStatus
    ) async throws {
        let status: ExitStatus
        do {
            status = try await guarding(body)
        } catch let error as ValidationError {
            // Wrong usage: the argument parser says it, and how it is right.
            throw error
        } catch {
            status = ExitStatus(for: error, at: completed.stage, signal: signal)
            log.tell(FailureText.render(error, status: status), endingWith: status)
        }
        if status != .done { throw status.exitCode }
    }
}
