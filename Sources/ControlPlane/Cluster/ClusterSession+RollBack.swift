internal import Logging
package import Reconciliation

extension ClusterSession {
    /// Puts a host back to what it had before a step that failed, and says how that went.
    func rollBack(_ host: HostName, because cause: any Error) async -> any Error {
        logger.warning(
            "the API server did not come back: its host gets back what it had", metadata: ["host": "\(host)"])
        do {
            return RolledBack(host: host, cause: "\(cause)", failing: try await restore(host))
        } catch {
            return NotRolledBack(host: host, cause: "\(cause)", problem: "\(error)")
        }
    }

    /// Gives a host the files of before a step, and waits until its API server is as well with them as it was, as long as for any
    /// restart; returns the checks that failed before and fail again.
    func restore(_ host: HostName) async throws -> [String] {
        let probe = try await HostProbe.read(from: ssh.shell, host: host)
        probes[host] = probe
        guard let copy = probe.rollbackCopy, let pod = probe.pod, probe.savedConfiguration != nil else {
            throw NoStateFromBefore()
        }
        // The rounds see to it that this cannot be; a host that stays down can be mended, what nobody reads cannot.
        if let key = probe.keyUnknownToCopy { throw CopyCannotRead(key: key) }
        let moment = try await writer.rollBack(copy, on: host)
        let manifest = try copy.manifest?.text.map { text in try StaticPodManifest(text, file: pod.path) }
        let failing = try await restarted(
            host, pod.flags, manifest?.encryptionConfiguration?.path, after: moment,
            knownToFail: healths[host]?.failing ?? [])
        try await writer.commit(try await HostProbe.read(from: ssh.shell, host: host))
        return failing
    }
}

/// Nothing was kept that a host could be put back to: it was not well before either.
struct NoStateFromBefore: Error, CustomStringConvertible {
    let description = "there is no good state from before"
}

/// A copy of before a step that would make objects unreadable that the step may have had written.
struct CopyCannotRead: Error, CustomStringConvertible {
    let key: Key

    var description: String { "what it had cannot read \(key), which it may have written with since" }
}

/// An error after which the cluster is what it was before the step.
package protocol LeavesNothingChanged: Error {}

/// A host that did not come back from a step and got back what it had.
package struct RolledBack: Error, LeavesNothingChanged, Hashable, CustomStringConvertible {
    package let host: HostName
    package let cause: String
    /// What failed before the step and fails again; empty where the API server is ready.
    package let failing: [String]

    package init(host: HostName, cause: String, failing: [String] = []) {
        self.host = host
        self.cause = cause
        self.failing = failing
    }

    package var description: String {
        "\(cause)\n\(host) was put back to what it had before, and its API server "
            + (failing.isEmpty ? "is ready" : "fails \(failing.joined(separator: ", ")) as it did before")
    }
}

/// A host that did not come back, neither with the new nor with the old.
package struct NotRolledBack: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let cause: String
    package let problem: String

    package var description: String {
        """
        \(cause)
        \(host) could not be put back to what it had before: \(problem). This step touched no other host; what it had stands \
        in /var/lib/atrest on \(host)
        """
    }
}
