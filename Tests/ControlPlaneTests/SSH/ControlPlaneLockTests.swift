import ControlPlane
import Reconciliation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ControlPlaneLockTests {
    /// Two sessions with the same sshd, as two operators have them, and lock settings for a directory of the test's own.
    static func withTwoSessions(
        _ body: (SSHSession, SSHSession, ControlPlaneLock.Settings, LoopbackSSHD) async throws -> Void
    ) async throws {
        try await SSHSessionTests.withSession { first, sshd in
            let second = try SSHSession(
                inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
            var settings = ControlPlaneLock.Settings()
            settings.directory = "\(sshd.directory)/lock"
            do {
                try await body(first, second, settings, sshd)
            } catch {
                await second.close()
                throw error
            }
            await second.close()
        }
    }

    @Test("a second run while the first holds the lock => refused, and told whose it is; free once it is released")
    func contention() async throws {
        try await Self.withTwoSessions { first, second, settings, _ in
            let lock = try await ControlPlaneLock.acquire(
                over: first, run: "abc", owner: "alice@laptop", settings: settings)
            let refusal = await #expect(throws: LockHeld.self) {
                try await ControlPlaneLock.acquire(over: second, settings: settings)
            }
            #expect(refusal?.record?.run == "abc")
            #expect(refusal?.record?.owner == "alice@laptop")
            #expect(refusal?.description.contains("held by alice@laptop (run abc) since 20") == true)
            await lock.release()
            let next = try await ControlPlaneLock.acquire(over: second, settings: settings)
            await next.release()
        }
    }

    @Test("a lock that is held => guarded scripts run; once released => they do not")
    func guarded() async throws {
        try await Self.withTwoSessions { session, _, settings, sshd in
            let script = RemoteScript(
                "echo \"$word\" >>\"$file\"; exit 3", variables: ["word": "done", "file": "\(sshd.directory)/trace"])
            let lock = try await ControlPlaneLock.acquire(over: session, settings: settings)
            let shell = lock.guarded(session.shell)
            #expect(try await shell.run(script, SSHSessionTests.host, .seconds(60)).status == 3)
            await lock.release()
            await #expect(throws: LockLost(host: SSHSessionTests.host)) {
                try await shell.run(script, SSHSessionTests.host, .seconds(60))
            }
            #expect(try await ControlPlaneTests.shell("cat \(sshd.directory)/trace") == "done\n")
        }
    }

    @Test("an operator without a heartbeat => the host lets go, the next run gets the lock, scripts of the old one end")
    func frozen() async throws {
        try await Self.withTwoSessions { first, second, settings, sshd in
            var frozen = settings
            frozen.patience = .seconds(1)
            frozen.heartbeat = .seconds(3600)
            let lock = try await ControlPlaneLock.acquire(over: first, settings: frozen)
            let next = try await Self.acquireOnceFree(over: second, settings)
            let script = RemoteScript("echo done >>\"$file\"", variables: ["file": "\(sshd.directory)/trace"])
            await #expect(throws: LockLost.self) {
                try await lock.guarded(first.shell).run(script, SSHSessionTests.host, .seconds(60))
            }
            _ = try await next.guarded(second.shell).run(script, SSHSessionTests.host, .seconds(60))
            #expect(try await ControlPlaneTests.shell("cat \(sshd.directory)/trace") == "done\n")
            await next.release()
        }
    }

    @Test("atrest is frozen, and wakes up once the lock is gone => it changes nothing more")
    func stopped() async throws {
        try await LoopbackSSHD.running { sshd in
            await #expect(processExitsWith: .exitCode(75)) { [sshd = sshd as LoopbackSSHD] in
                let session = try SSHSession(
                    inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
                var settings = ControlPlaneLock.Settings()
                settings.directory = "\(sshd.directory)/lock"
                settings.patience = .seconds(5)
                settings.heartbeat = .milliseconds(200)
                let lock = try await ControlPlaneLock.acquire(over: session, settings: settings)
                try await ControlPlaneTests.shell(
                    """
                    (while [ -s '\(sshd.directory)/lock/lock' ]; do sleep 0.1; done
                    while kill -CONT \(getpid()); do sleep 0.2; done) >/dev/null 2>&1 &
                    """)
                raise(SIGSTOP)
                do {
                    let script = RemoteScript("touch \"$file\"", variables: ["file": "\(sshd.directory)/trace"])
                    _ = try await lock.guarded(session.shell).run(script, SSHSessionTests.host, .seconds(60))
                } catch is LockLost {
                    await session.close()
                    exit(75)
                }
            }
            #expect(unsafe access("\(sshd.directory)/trace", F_OK) != 0)
        }
    }

    @Test("heartbeats => the lock outlasts the holder's patience")
    func heartbeats() async throws {
        try await Self.withTwoSessions { first, second, settings, _ in
            var brisk = settings
            // Many times the heartbeat: a machine that runs all tests at once may be late with one.
            brisk.patience = .seconds(10)
            brisk.heartbeat = .milliseconds(200)
            let lock = try await ControlPlaneLock.acquire(over: first, settings: brisk)
            // Longer than the patience, by the host's own clock.
            _ = try await second.shell.run(RemoteScript("sleep 12"), SSHSessionTests.host, .seconds(60))
            await #expect(throws: LockHeld.self) {
                try await ControlPlaneLock.acquire(over: second, settings: settings)
            }
            await lock.release()
        }
    }

    @Test("a connection that ends => the lock is free, though nobody released it")
    func cutOff() async throws {
        try await Self.withTwoSessions { first, second, settings, _ in
            _ = try await ControlPlaneLock.acquire(over: first, settings: settings)
            await first.close()
            let next = try await Self.acquireOnceFree(over: second, settings)
            await next.release()
        }
    }

    @Test("a holder that is killed on the host => the next run takes over, and the old run's scripts end")
    func holderKilled() async throws {
        try await Self.withTwoSessions { first, second, settings, sshd in
            let lock = try await ControlPlaneLock.acquire(over: first, run: "old", settings: settings)
            let kill = Self.killHolder(settings)
            #expect(try await second.shell.run(kill, SSHSessionTests.host, .seconds(60)).status == 0)
            let next = try await Self.acquireOnceFree(over: second, settings)
            await #expect(throws: LockLost.self) {
                try await lock.guarded(first.shell).run(RemoteScript("exit 0"), SSHSessionTests.host, .seconds(60))
            }
            await next.release()

        }
    }

    enum End: CaseIterable {
        case released
        case killed
    }

    @Test(
        "a script at work when the lock is released, or its holder killed => the next run waits",
        arguments: End.allCases)
    func scriptAtWork(end: End) async throws {
        try await Self.withTwoSessions { first, second, settings, sshd in
            let lock = try await ControlPlaneLock.acquire(over: first, settings: settings)
            let trace = ["file": "\(sshd.directory)/trace"]
            let slow = RemoteScript("echo begin >>\"$file\"; sleep 5; echo end >>\"$file\"", variables: trace)
            async let work = lock.guarded(first.shell).run(slow, SSHSessionTests.host, .seconds(60))
            let begun = RemoteScript("until [ -s \"$file\" ]; do :; done", variables: trace)
            _ = try await second.shell.run(begun, SSHSessionTests.host, .seconds(60))
            if end == .killed {
                let kill = Self.killHolder(settings)
                #expect(try await second.shell.run(kill, SSHSessionTests.host, .seconds(60)).status == 0)
            }
            async let released: Void = lock.release()
            let next = try await Self.acquireOnceFree(over: second, settings)
            #expect(try await ControlPlaneTests.shell("cat \(sshd.directory)/trace") == "begin\nend\n")
            #expect(try await work.status == 0)
            await released
            await next.release()
        }
    }

    @Test(
        "a link where the lock is kept, in a directory that others could write to => refused, nothing behind it touched",
        arguments: ["ln -s ../mine", "ln ../mine"], ["lock", "guard"])
    func planted(_ plant: String, _ name: String) async throws {
        try await Self.withTwoSessions { first, _, settings, _ in
            let directory = settings.directory
            try await ControlPlaneTests.shell(
                "mkdir -m 777 '\(directory)' && cd '\(directory)' && echo mine >../mine && \(plant) \(name)")
            let failure = await #expect(throws: LockUnavailable.self) {
                try await ControlPlaneLock.acquire(over: first, settings: settings)
            }
            #expect(failure?.words.contains("/\(name) is not what root alone can have put there") == true)
            #expect(
                try await ControlPlaneTests.shell("cat '\(directory)/../mine'; stat -c %a '\(directory)'")
                    == "mine\n755\n")
        }
    }

    /// Kills whoever has the lock file open as the holder does.
    static func killHolder(_ settings: ControlPlaneLock.Settings) -> RemoteScript {
        RemoteScript(
            """
            for file in /proc/[0-9]*/fd/9; do
                [ "$(readlink "$file")" = "$lock" ] || continue
                pid=${file%/fd/9}
                kill -9 "${pid#/proc/}" && exit 0
            done
            exit 1
            """, variables: ["lock": "\(settings.directory)/lock"])
    }

    /// Asks again until the lock is free; each attempt is a round trip, and the test's time limit bounds them.
    static func acquireOnceFree(
        over session: SSHSession, _ settings: ControlPlaneLock.Settings
    ) async throws -> ControlPlaneLock {
        while true {
            do {
                return try await ControlPlaneLock.acquire(over: session, settings: settings)
            } catch is LockHeld {
                try Task.checkCancellation()
            }
        }
    }
}
