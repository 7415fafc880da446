package import Reconciliation

/// Another run holds the lock on a host.
package struct LockHeld: Error, Hashable, Sendable, CustomStringConvertible {
    package struct Record: Hashable, Sendable {
        package let run: String
        /// As the host's clock had it: `2026-11-21T08:30:00Z`.
        package let since: String
        /// `user@host`.
        package let owner: String
    }

    package let host: HostName
    /// What the lock file says; nil where it says nothing yet.
    package let record: Record?

    /// Reads the lock file's line.
    init(host: HostName, line: String) {
        self.host = host
        let words = SSHFailure.Reason.plainLine(line).split(separator: " ", maxSplits: 2).map(String.init)
        record = words.count == 3 ? Record(run: words[0], since: words[1], owner: words[2]) : nil
    }

    package var description: String {
        let whose = record.map { "held by \($0.owner) (run \($0.run)) since \($0.since)" } ?? "held by another run"
        return
            "the lock on \"\(host)\" is \(whose); wait until that run has ended (the lock of a run that was killed or cut "
            + "off lets go by itself within 20 seconds), then run the same command again"
    }
}

/// The lock on a host is no longer this run's.
package struct LockLost: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName

    package init(host: HostName) {
        self.host = host
    }

    package var description: String {
        "the lock on \"\(host)\" was lost, because the connection was silent for too long or the host restarted: another run "
            + "may be active, so nothing more was changed; run the same command again"
    }
}

/// A host's lock could not be set up.
package struct LockUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let words: String

    package var description: String {
        "the lock on \"\(host)\" cannot be taken" + (words.isEmpty ? "" : ": \(words)")
            + "; atrest needs a writable /var/lib/atrest and util-linux on every control-plane host"
    }
}
