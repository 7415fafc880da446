package import Reconciliation

/// A POSIX sh script for a host, run as root, with what it needs to know.
package struct RemoteScript: Sendable {
    /// The script itself; constant text, nothing is ever interpolated into it.
    package let text: String
    /// Shell variables that are set, safely quoted, before the text.
    package let variables: [String: String]
    /// Shell variables that hold the base64 of secret bytes.
    package let payloads: [String: SecretBytes]

    package init(_ text: String, variables: [String: String] = [:], payloads: [String: SecretBytes] = [:]) {
        self.text = text
        self.variables = variables
        self.payloads = payloads
    }
}

/// What a script left behind.
///
/// Its output may hold keys and is never logged.
package struct ScriptOutput: Sendable {
    package let status: Int32
    package let standardOutput: SecretSlice
    package let standardError: String

    package init(status: Int32, standardOutput: SecretSlice, standardError: String) {
        self.status = status
        self.standardOutput = standardOutput
        self.standardError = standardError
    }
}

extension ScriptOutput: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<status \(status), \(standardOutput.count) bytes of output>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The ways to reach a host; `SSHSession` makes the real one, tests give their own.
package struct RemoteShell: Sendable {
    /// Runs a script as root on a host; one round trip over the host's master connection.
    ///
    /// Throws where the host cannot be reached or root cannot be had; a script's own failure is in `status`.
    package var run:
        @Sendable (_ script: RemoteScript, _ host: HostName, _ timeout: Duration) async throws -> ScriptOutput
    /// Forwards a fresh local Unix socket to an address and port as seen from a host, and returns the socket's path.
    package var forward: @Sendable (_ address: String, _ port: Int, _ host: HostName) async throws -> String

    package init(
        run: @escaping @Sendable (RemoteScript, HostName, Duration) async throws -> ScriptOutput,
        forward: @escaping @Sendable (String, Int, HostName) async throws -> String
    ) {
        self.run = run
        self.forward = forward
    }
}
