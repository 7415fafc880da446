internal import Reconciliation

/// Remembers for the length of a run what each API server process was seen to have loaded.
///
/// A process is told by its number and start; so, once it is replaced, what it may still write with is known.
struct ProcessMemory {
    private struct Identity: Hashable {
        let host: HostName
        let bootID: String
        let process: Int
        let start: UInt64
    }

    private var loaded: [Identity: EncryptionConfiguration] = [:]

    /// Notes what the newest process has loaded, and fills in what the older ones had.
    mutating func complete(_ host: inout ObservedHost, from probe: HostProbe) {
        let identities = probe.servers.map { server in
            Identity(host: probe.host, bootID: probe.processes.bootID, process: server.id, start: server.start)
        }
        if let newest = identities.last, let configuration = host.inForce { loaded[newest] = configuration }
        guard host.lingering == .unknown else { return }
        let older = Set(identities.dropLast().map { loaded[$0] })
        if older.count == 1, case .some(.some(let configuration)) = older.first {
            host.lingering = .holding(configuration)
        }
    }
}
