import Logging
import Reconciliation
import Subprocess

extension SSHSession {
    private static let outputLimit = 16 << 20

    /// Runs a script as root; the seam's `run`.
    func run(_ script: RemoteScript, on host: HostName, timeout: Duration) async throws -> ScriptOutput {
        let wire = try script.wire()
        _ = try await master(of: host)
        let started = ContinuousClock.now
        let command = RemoteScript.command(limit: timeout)
        let call = try await call([SSHConfigurationFile.alias(of: host), command], wire, host, timeout)
        logger.debug(
            "ran a script",
            metadata: [
                "host": "\(host)", "status": "\(call.status)", "bytes": "\(call.output.count)",
                "duration": "\(started.duration(to: .now))",
            ])
        let standardError = String(decoding: call.error, as: UTF8.self)
        guard let output = call.output.behind("\(RemoteScript.marker)\n") else {
            throw await withoutStart(host, call.status, standardError)
        }
        // 255 is ssh's own; no script of ours exits with it.
        guard call.status != 255 else {
            await dropIfDead(host)
            throw failure(host, .lost, SSHFailure.Reason.lastWords(messages(of: host) + standardError))
        }
        return ScriptOutput(status: call.status, standardOutput: output, standardError: standardError)
    }

    /// Why a script did not begin.
    func withoutStart(_ host: HostName, _ status: Int32, _ standardError: String) async -> SSHFailure {
        if standardError.contains(SSHFailure.Reason.sessionRefusedPhrase) {
            return failure(host, .sessionRefused, "")
        }
        let words = SSHFailure.Reason.lastWords(standardError)
        guard status == 255 else { return failure(host, .rootRefused, words) }
        await dropIfDead(host)
        return failure(host, .lost, words)
    }

    /// Forgets a master that does not answer any more, so that the next call makes a new one.
    private func dropIfDead(_ host: HostName) async {
        let check = try? await call(["-O", "check", SSHConfigurationFile.alias(of: host)], .empty, host, .seconds(5))
        guard check?.status != 0 else { return }
        await drop(host)
    }

    /// Starts a script that goes on for as long as its standard input is held open, and returns when it has begun.
    func hold(_ script: RemoteScript, on host: HostName) async throws -> HeldChild {
        let wire = try script.wire(keepsInput: true)
        _ = try await master(of: host)
        let log = freshPath("held.log")
        let child = try HeldChild(
            ["-F", callsPath, SSHConfigurationFile.alias(of: host), RemoteScript.command()],
            // No script that is held has a payload.
            input: Array(SecretSlice(wire)), log: log)
        switch try await child.begins(with: RemoteScript.marker, within: .seconds(30)) {
        case .begun:
            return child
        case .ended:
            throw await withoutStart(host, try await exitStatus(of: child, host), Self.text(of: log))
        case nil:
            throw failure(host, .timedOut, "no answer within 30 seconds")
        }
    }

    /// One ssh over the host's master.
    func call(
        _ arguments: [String], _ input: SecretBytes, _ host: HostName, _ timeout: Duration
    ) async throws -> (status: Int32, output: SecretSlice, error: [UInt8]) {
        let configuration = Configuration.ssh(["-F", callsPath] + arguments)
        let result: ExecutionResult<SecretBytes, SequenceOutput, BytesOutput>?
        do {
            result = try await withTimeLimit(timeout) {
                try await Subprocess.run(
                    configuration, input: .inputWriter, output: .sequence, error: .bytes(limit: Self.outputLimit)
                ) { execution in
                    let (writer, output) = (execution.standardInputWriter, execution.standardOutput)
                    async let written: Void = writer.finish(with: input)
                    let collected = try await SecretBytes(collecting: output, limit: Self.outputLimit)
                    await written
                    return collected
                }
            }
        } catch is TooMuchOutput {
            throw failure(host, .tooMuchOutput, "")
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw failure(host, .tooMuchOutput, "")
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw failure(host, .clientFailed, String(describing: error))
        }
        // What a stopped run ended is no connection that was lost.
        try Task.checkCancellation()
        guard let result else { throw failure(host, .timedOut, "\(timeout)") }
        return (result.terminationStatus.sshStatus, SecretSlice(result.closureResult), result.standardError)
    }
}

extension SecretSlice {
    /// What follows the first occurrence of a text; nil where there is none.
    fileprivate func behind(_ text: String) -> SecretSlice? {
        let pattern = Array(text.utf8)
        guard count >= pattern.count else { return nil }
        return (startIndex...endIndex - pattern.count).first { self[$0...].starts(with: pattern) }
            .map { self[($0 + pattern.count)...] }
    }
}
