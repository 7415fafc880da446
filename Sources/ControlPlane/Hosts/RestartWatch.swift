package import Reconciliation

/// Waits for a host's API server processes to become what a step wants.
///
/// The waiting is done on the host: one script returns as soon as the processes differ from those that were seen last.
package struct RestartWatch: Sendable {
    private let shell: RemoteShell
    private let root: String

    package init(shell: RemoteShell, root: String = "") {
        self.shell = shell
        self.root = root
    }

    /// Waits for a process that started after a step's write, has the flag that the step wants, and listens.
    ///
    /// That is not yet one that works: a kube-apiserver listens before it reads its configuration. Whether it is ready is asked
    /// through the API. `configurationPath` is the flag's value in the manifest that was written, nil for none; `moment` is what
    /// `HostWriter.install` returned. Throws `RestartTimedOut`, with the end of the container's log.
    @discardableResult
    package func restarted(
        _ server: CommandLineFlags, withConfiguration configurationPath: String?, after moment: HostMoment,
        on host: HostName,
        timeout: Duration
    ) async throws -> APIServerProcess {
        let found = try await poll(host, timeout) { processes in
            guard let newest = processes.belonging(to: server).last, newest.isServing,
                newest.flags.encryptionProviderConfig == configurationPath,
                moment.precedes(newest, in: processes.bootID)
            else { return nil }
            return newest
        }
        guard let found else {
            // A log that cannot be had must not stand in the way of the rollback.
            throw RestartTimedOut(host: host, timeout: timeout, log: (try? await log(of: host)) ?? [])
        }
        return found
    }

    /// Waits until exactly one API server process of this control plane is left, and returns it.
    ///
    /// Throws `OldProcessStays`.
    @discardableResult
    package func quiet(
        _ server: CommandLineFlags, on host: HostName, timeout: Duration = .seconds(120)
    ) async throws -> APIServerProcess {
        let found = try await poll(host, timeout) { processes in
            let servers = processes.belonging(to: server)
            return servers.count == 1 ? servers.first : nil
        }
        guard let found else { throw OldProcessStays(host: host, timeout: timeout) }
        return found
    }

    /// The API server processes of this instant.
    package func processes(of host: HostName) async throws -> APIServerProcesses {
        let script = RemoteScript(
            HostScript.watch, variables: ["atrest_root": root, "atrest_seen": "", "atrest_polls": "0"])
        return APIServerProcesses(try await Frames.from(script, on: host, by: shell, timeout: .seconds(60)))
    }

    /// The end of the newest API server container's log, line by line; nothing in it is a key or an object's data.
    package func log(of host: HostName) async throws -> [String] {
        let script = RemoteScript(HostScript.log, variables: ["atrest_root": root])
        let log = try await Frames.from(script, on: host, by: shell).text("log") ?? ""
        return log.split(whereSeparator: \.isNewline).suffix(12).map { $0.printable(limit: 400) }
    }

    /// One script at a time stays on the host for at most ten seconds, so that none outlives a killed run for long.
    private func poll(
        _ host: HostName, _ timeout: Duration, until wanted: (APIServerProcesses) -> APIServerProcess?
    ) async throws -> APIServerProcess? {
        let deadline = ContinuousClock.now + timeout
        var seen = "nothing yet"
        while true {
            let left = deadline - .now
            let polls = min(50, max(0, Int(left / .milliseconds(200))))
            let script = RemoteScript(
                HostScript.watch, variables: ["atrest_root": root, "atrest_seen": seen, "atrest_polls": String(polls)])
            let frames = try await Frames.from(script, on: host, by: shell, timeout: .seconds(60))
            let processes = APIServerProcesses(frames)
            if let found = wanted(processes) { return found }
            if ContinuousClock.now >= deadline { return nil }
            try Task.checkCancellation()
            seen = processes.signature
        }
    }
}

/// An API server that did not come back.
package struct RestartTimedOut: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let timeout: Duration
    /// The end of the container's log.
    package let log: [String]

    package var description: String {
        """
        \(host): no new kube-apiserver serves \(timeout.components.seconds) s after its manifest was written
        """
            + (log.isEmpty
                ? "; its container wrote no log"
                : "; the end of its log:\n" + log.map { "  \($0)" }.joined(separator: "\n"))
    }
}

/// An API server process from before that does not end.
package struct OldProcessStays: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let timeout: Duration

    package var description: String {
        """
        \(host): there still is not exactly one kube-apiserver process after \(timeout.components.seconds) s, and an old one may \
        write with an old key; see what it waits for, then run the same command again
        """
    }
}
