package import Reconciliation

/// What went wrong, host by host; at least one.
package struct HostFailures: Error, Sendable, CustomStringConvertible {
    package struct Failure: Sendable {
        package let host: HostName
        package let error: any Error
    }

    /// In inventory order.
    package let failures: [Failure]

    package var description: String {
        failures.map { $0.error is any NamesItsHost ? "\($0.error)" : "\($0.host): \($0.error)" }
            .joined(separator: "\n")
    }
}

extension HostFailures {
    init(of host: HostName, _ error: any Error) {
        self.init(failures: [Failure(host: host, error: error)])
    }
}

/// An error whose words do not say which host it befell.
protocol NamesNoHost: Error {}

extension HostScriptFailed: NamesNoHost {}
extension HTTPFailure: NamesNoHost {}
extension APIStatus: NamesNoHost {}
extension UnreadableAnswer: NamesNoHost {}
extension UneditableManifest: NamesNoHost {}

/// An error whose words say which host it befell.
protocol NamesItsHost: Error {}

extension SSHFailure: NamesItsHost {}
extension LockLost: NamesItsHost {}
extension EtcdFailure: NamesItsHost {}
extension RestartTimedOut: NamesItsHost {}
extension OldProcessStays: NamesItsHost {}
extension NoAdminKubeconfig: NamesItsHost {}
extension UnusableKubeconfig: NamesItsHost {}
extension NoEtcd: NamesItsHost {}
extension NoEtcdCredentials: NamesItsHost {}

/// Does the same on all hosts at once, and collects the failures of all that fail.
///
/// - Returns: one value a host, in the hosts' order.
package func onEach<Value: Sendable>(
    _ hosts: [HostName], _ body: @escaping @Sendable (HostName) async throws -> Value
) async throws -> [Value] {
    var values: [Value] = []
    var failures: [HostFailures.Failure] = []
    for (host, result) in zip(hosts, try await attemptOnEach(hosts, body)) {
        switch result {
        case .success(let value): values.append(value)
        case .failure(let error): failures.append(HostFailures.Failure(host: host, error: error))
        }
    }
    guard failures.isEmpty else { throw HostFailures(failures: failures) }
    return values
}

/// Does the same on all hosts at once, where the failure of one says nothing about the others.
///
/// - Returns: one result a host, in the hosts' order.
/// - Throws: `CancellationError`.
func attemptOnEach<Value: Sendable>(
    _ hosts: [HostName], _ body: @escaping @Sendable (HostName) async throws -> Value
) async throws -> [Result<Value, any Error>] {
    let results = await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
        for (index, host) in hosts.enumerated() {
            group.addTask {
                do { return (index, .success(try await body(host))) } catch { return (index, .failure(error)) }
            }
        }
        return await group.reduce(into: [Int: Result<Value, any Error>]()) { $0[$1.0] = $1.1 }
    }
    try Task.checkCancellation()
    return hosts.indices.compactMap { results[$0] }
}

/// A script that ended in a way that nobody provided for.
package struct HostScriptFailed: Error, Hashable, Sendable, CustomStringConvertible {
    package let status: Int32
    package let lastWords: String

    package var description: String {
        "a command on the host failed (exit status \(status))"
            + (lastWords.isEmpty ? ": its answer was cut short" : ": \(lastWords)")
    }

    /// The last line that a script wrote to standard error: coreutils' messages name paths, never contents.
    static func lastWords(_ standardError: String) -> String {
        SSHFailure.Reason.plainLine(standardError.split(whereSeparator: \.isNewline).last ?? "")
    }
}
