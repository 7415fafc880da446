import ControlPlane
import Reconciliation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct SSHSessionLifetimeTests {
    /// The processes that name a path in their arguments.
    static func processes(naming path: String) async throws -> [String] {
        try await ControlPlaneTests.shell(
            """
            for process in /proc/[0-9]*; do
                tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q '^[^ ]*ssh -F \(path)/' && echo "${process#/proc/}"
            done; true
            """
        ).split(separator: "\n").map(String.init)
    }

    @Test("a session => everything of it is only ours, and gone when it is closed")
    func closed() async throws {
        try await LoopbackSSHD.running { sshd in
            let session = try SSHSession(
                inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
            try await session.open()
            let directory = session.configuration.directory
            let modes = try await ControlPlaneTests.shell("stat -c %a \(directory) \(directory)/*")
            #expect(Set(modes.split(separator: "\n")) == ["700", "600"])
            #expect(try await Self.processes(naming: directory).count == 1)
            await session.close()
            #expect(try await Self.processes(naming: directory).isEmpty)
            #expect(unsafe access(directory, F_OK) != 0)
        }
    }

    @Test("atrest is killed => its connections end, the host's lock with them; the next run removes what is left")
    func killed() async throws {
        try await LoopbackSSHD.running { sshd in
            await #expect(processExitsWith: .signal(SIGKILL)) { [sshd = sshd as LoopbackSSHD] in
                let session = try SSHSession(
                    inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
                try await session.open()
                var settings = ControlPlaneLock.Settings()
                settings.directory = "\(sshd.directory)/lock"
                _ = try await ControlPlaneLock.acquire(over: session, settings: settings)
                try write(session.configuration.directory, to: "\(sshd.directory)/session")
                kill(getpid(), SIGKILL)
            }
            let directory = try await ControlPlaneTests.shell("cat \(sshd.directory)/session")
            #expect(!directory.isEmpty)
            while try await !Self.processes(naming: directory).isEmpty {
                try Task.checkCancellation()
            }
            #expect(unsafe access(directory, F_OK) == 0)
            let session = try SSHSession(
                inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
            #expect(unsafe access(directory, F_OK) != 0)
            var settings = ControlPlaneLock.Settings()
            settings.directory = "\(sshd.directory)/lock"
            let lock = try await ControlPlaneLockTests.acquireOnceFree(over: session, settings)
            await lock.release()
            await session.close()
        }
    }

    @Test("runs beside one another, a directory that only looks like theirs => none removes what is not its own")
    func others() async throws {
        let inventory = Inventory(clusterName: "test", hosts: [])
        let first = try SSHSession(inventory: inventory, logger: SSHSessionTests.quiet)
        let parent = first.configuration.directory.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let foreign = "\(parent)/atrest-ssh-backup"
        try await ControlPlaneTests.shell("mkdir -m 700 \(foreign) && echo mine >\(foreign)/letter")
        let second = try SSHSession(inventory: inventory, logger: SSHSessionTests.quiet)
        let directories = [first.configuration.directory, second.configuration.directory]
        for file in directories.map({ $0 + "/config" }) + ["\(foreign)/letter"] {
            #expect(unsafe access(file, F_OK) == 0, "\(file)")
        }
        await first.close()
        await second.close()
        #expect(unsafe access(first.configuration.directory, F_OK) != 0)
        try await ControlPlaneTests.shell("rm -r \(foreign)")
    }

    @Test("SIGINT for the whole foreground group => atrest may finish what it does over its connections")
    func interruptedGroup() async throws {
        try await LoopbackSSHD.running { sshd in
            _ = await #expect(processExitsWith: .exitCode(7)) { [sshd = sshd as LoopbackSSHD] in
                signal(SIGINT, SIG_IGN)
                setpgid(0, 0)
                let session = try SSHSession(
                    inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
                try await session.open()
                let begun = "\(sshd.directory)/begun"
                async let work = session.shell.run(
                    RemoteScript(
                        "touch \"$begun\"; until [ -e \"$begun.go\" ]; do sleep 0.1; done; exit 7",
                        variables: ["begun": begun]), SSHSessionTests.host, .seconds(300))
                while unsafe access(begun, F_OK) != 0 { await Task.yield() }
                kill(0, SIGINT)
                try write("", to: begun + ".go")
                let status = try await work.status
                await session.close()
                exit(status)
            }
        }
    }

    @Test("a run that is stopped in the middle of a script => cancelled, not a lost connection; nothing is left")
    func cancelled() async throws {
        try await LoopbackSSHD.running { sshd in
            let session = try SSHSession(
                inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
            let begun = "\(sshd.directory)/begun"
            let work = Task {
                try await session.shell.run(
                    // Until the test's own directory goes.
                    RemoteScript(
                        "touch \"$begun\"; while [ -e \"$begun\" ]; do sleep 0.1; done", variables: ["begun": begun]),
                    SSHSessionTests.host, .seconds(3600))
            }
            while unsafe access(begun, F_OK) != 0 { await Task.yield() }
            work.cancel()
            await #expect(throws: CancellationError.self) { try await work.value }
            await session.close()
            #expect(try await Self.processes(naming: session.configuration.directory).isEmpty)
            #expect(unsafe access(session.configuration.directory, F_OK) != 0)
        }
    }

    @Test("atrest ends at once => its directory is gone, its connections end by themselves")
    func abandoned() async throws {
        try await LoopbackSSHD.running { sshd in
            await #expect(processExitsWith: .exitCode(130)) { [sshd = sshd as LoopbackSSHD] in
                let session = try SSHSession(
                    inventory: Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
                try await session.open()
                try write(session.configuration.directory, to: "\(sshd.directory)/session")
                SSHSession.abandonAll()
                _exit(130)
            }
            let directory = try await ControlPlaneTests.shell("cat \(sshd.directory)/session")
            #expect(unsafe access(directory, F_OK) != 0)
            while try await !Self.processes(naming: directory).isEmpty {
                try Task.checkCancellation()
            }
        }
    }

    @Test("a script whose end is missing => nothing of it runs, wherever it was cut")
    func truncated() async throws {
        try await withTemporaryDirectory { directory in
            let script = RemoteScript(
                "touch \"$trace\"; exit 0", variables: ["trace": "\(directory)/trace"],
                payloads: ["key": SecretBytes(Array(repeating: 7, count: 100))])
            let wire = try script.wire()
            try write(String(decoding: SecretSlice(wire), as: UTF8.self), to: "\(directory)/script")
            // The whole text but for its closing brace and line end, and every shorter one.
            let survivors = try await ControlPlaneTests.shell(
                """
                cd \(directory)
                for shell in dash bash; do
                    length=0
                    while [ $length -le \(wire.count - 3) ]; do
                        head -c $length script | $shell >/dev/null 2>&1
                        [ ! -e trace ] || { echo "$shell $length"; rm trace; }
                        length=$((length + 1))
                    done
                done
                """)
            #expect(survivors.isEmpty)
            try await ControlPlaneTests.shell("sh <\(directory)/script && rm \(directory)/trace")
        }
    }

    @Test("a bastion => the host is reached through it")
    func bastion() async throws {
        try await LoopbackSSHD.running(options: "AllowTcpForwarding no") { target in
            try await LoopbackSSHD.running { bastion in
                var host = target.host()
                host.ssh.bastion = Bastion(
                    address: "127.0.0.1", port: bastion.port, user: "root", privateKeyFile: bastion.userKeyFile,
                    hostKey: bastion.hostKey)
                let session = try SSHSession(
                    inventory: Inventory(clusterName: "test", hosts: [host]), logger: SSHSessionTests.quiet)
                let output = try await session.shell.run(
                    RemoteScript("echo \"$SSH_CONNECTION\""), SSHSessionTests.host, .seconds(60))
                await session.close()
                #expect(String(decoding: output.standardOutput, as: UTF8.self).hasSuffix("127.0.0.1 \(target.port)\n"))
            }
        }
    }
}
