package import Reconciliation

/// What a step tells while it is under way.
package enum StepProgress: Hashable, Sendable {
    /// So many objects of a rewrite are stored anew, or found to be; the total grows where more are found than there were.
    case rewritten(done: Int, total: Int)
    case waits(for: Awaited)
}

/// What a step cannot go on without.
package enum Awaited: Hashable, Sendable {
    /// A kube-apiserver process that started after the manifest was written, and listens.
    case newServer(HostName)
    /// That process's health checks; `failing` are those that failed last, none before the first answer.
    case readiness(HostName, failing: [String])
    /// The end of the API server processes from before; the hosts that still have one.
    case oldServers([HostName])
}
