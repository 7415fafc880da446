import Reconciliation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The lock that lets one run at a time change a control plane; docs/locking.md has the protocol.
///
/// On every host, in inventory order, a remote process holds it for as long as its standard input brings heartbeats.
package final class ControlPlaneLock: Sendable {
    /// What names this run in the lock file; letters and digits.
    package let run: String
    private let settings: Settings
    private let holders: [Holder]

    package struct Settings: Sendable {
        package var directory = "/var/lib/atrest"
        /// How long a holder waits for a heartbeat before it lets go.
        package var patience = Duration.seconds(20)
        package var heartbeat = Duration.seconds(5)
        /// How long a host may take to say whether it has the lock; its own waits are over after half of it.
        package var answer = Duration.seconds(60)

        package init() {}
    }

    /// Takes the lock on every host of the session's inventory, or on none.
    ///
    /// - Parameters:
    ///   - session: Reaches every host of the control plane.
    ///   - run: What names this run; random.
    ///   - owner: What the other run's operator is told.
    ///   - settings: Where the lock is, and how patient.
    /// - Returns: The lock; it is held until it is released.
    /// - Throws: `LockHeld` where another run has it, `LockUnavailable` where none can be had, `SSHFailure`.
    package static func acquire(
        over session: SSHSession, run: String = freshRun(), owner: String = operatorName(),
        settings: Settings = Settings()
    ) async throws -> ControlPlaneLock {
        var holders: [Holder] = []
        do {
            for host in session.configuration.inventory.hosts {
                holders.append(try await Holder.start(on: host.name, over: session, run, owner, settings))
            }
        } catch {
            await release(holders)
            throw error
        }
        return ControlPlaneLock(run: run, settings: settings, holders: holders)
    }

    private init(run: String, settings: Settings, holders: [Holder]) {
        self.run = run
        self.settings = settings
        self.holders = holders
    }

    /// Lets go on every host, and waits until it is so.
    package func release() async {
        await Self.release(holders)
    }

    /// The same shell, for scripts that change a host: each first makes sure that the lock is still ours, and keeps it ours
    /// until it ends; where it is not, nothing of the script runs and `LockLost` is thrown.
    package func guarded(_ shell: RemoteShell) -> RemoteShell {
        RemoteShell(
            run: { [run, settings] script, host, timeout in
                let output = try await shell.run(script.guarded(run, settings.directory), host, timeout)
                guard output.status != RemoteScript.lockLostStatus else { throw LockLost(host: host) }
                return output
            },
            forward: shell.forward)
    }

    package static func freshRun() -> String {
        String(UInt64.random(in: .min ... .max), radix: 16)
    }

    /// `user@host` of whoever runs atrest.
    package static func operatorName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        let hasName = unsafe gethostname(&name, name.count - 1) == 0
        let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let user = unsafe getpwuid(getuid()).flatMap { unsafe String(cString: $0.pointee.pw_name) } ?? "uid-\(getuid())"
        return "\(user)@\(hasName ? host : "unknown")"
    }

    private static func release(_ holders: [Holder]) async {
        await withDiscardingTaskGroup { group in
            for holder in holders {
                group.addTask { await holder.release() }
            }
        }
    }
}

/// One host's holder and what feeds it.
private struct Holder: Sendable {
    let process: HeldChild
    let heartbeats: Task<Void, any Error>

    static func start(
        on host: HostName, over session: SSHSession, _ run: String, _ owner: String,
        _ settings: ControlPlaneLock.Settings
    ) async throws -> Holder {
        let seconds = Double(settings.patience.components.seconds)
        let script = RemoteScript(
            holderScript,
            variables: [
                "run": run, "owner": SSHFailure.Reason.plainLine(owner), "directory": settings.directory,
                "patience": String(seconds),
            ])
        let process = try await session.hold(script, on: host)
        // Nil at the end of its output, and where nothing comes in time.
        let line = try? await withTimeLimit(settings.answer) { await process.line() }
        guard line == "held" else {
            await process.kill()
            try Task.checkCancellation()
            guard let answer = line ?? nil else {
                throw LockUnavailable(host: host, words: "the host does not say whether it has it")
            }
            if answer.hasPrefix("busy ") { throw LockHeld(host: host, line: String(answer.dropFirst(5))) }
            throw LockUnavailable(host: host, words: SSHFailure.Reason.plainLine(answer))
        }
        let heartbeats = Task {
            while process.isRunning {
                process.write(Array(".".utf8))
                try await Task.sleep(for: settings.heartbeat)
            }
        }
        return Holder(process: process, heartbeats: heartbeats)
    }

    func release() async {
        heartbeats.cancel()
        await process.end(allowing: .seconds(5))
    }
}
