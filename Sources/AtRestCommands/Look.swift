internal import ControlPlane
internal import FoundationEssentials
internal import Reconciliation

/// What the commands do that only look: read the inputs, look at the hosts and etcd, and say what was found.
///
/// No lock is taken, and a host that is down hides no other. A proof waits for old API servers to end, and looks at history.
struct Look: Sendable {
    let declaration: Declaration
    let sighting: ClusterSighting
    /// Seconds since 1970.
    let now: Int

    var clusterName: String { declaration.inventory.clusterName }

    static func execute(
        _ input: InputOptions, _ ssh: SSHOptions, _ output: OutputOptions, asProof: Bool = false,
        _ body: @escaping @Sendable (Look) throws -> ExitStatus
    ) async throws {
        let log = output.makeLog()
        let logger = log.logger(output.logLevel)
        try await StopRequest(log: log).reportingFailures {
            let declaration = try await input.read(log)
            let session = try ClusterSession.forLooking(
                declaration.inventory, hostKeys: try ssh.hostKeys(), logger: logger)
            let sighting: ClusterSighting
            do {
                sighting = try await session.look(
                    alsoAt: declaration.encryption.resources, afterOldServers: asProof, andHistory: asProof)
            } catch {
                await session.close()
                throw error
            }
            await session.close()
            return try body(
                Look(declaration: declaration, sighting: sighting, now: Int(Date().timeIntervalSince1970)))
        }
    }
}

extension DeclaredEncryption {
    /// What the operator's own configuration names.
    fileprivate var resources: [ResourceName] {
        switch self {
        case .disabled, .managed: []
        case .custom(let declared): declared.file.configuration.resources
        }
    }
}
