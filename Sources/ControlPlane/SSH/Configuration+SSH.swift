import Subprocess

extension Configuration {
    /// The system's OpenSSH client.
    ///
    /// In a session of its own: a Ctrl-C is for atrest, which may have to finish what it does to a host.
    static func ssh(_ arguments: [String]) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        return Configuration(executable: .name("ssh"), arguments: Arguments(arguments), platformOptions: options)
    }
}

extension TerminationStatus {
    /// The exit status, where an ssh that a signal ended counts as one that failed by itself.
    var sshStatus: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled: 255
        }
    }
}

/// Runs an operation, cancels it after the time allowed and returns nil then.
func withTimeLimit<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
