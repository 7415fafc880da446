package import Logging
package import Reconciliation
import Subprocess
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The connections to all hosts of an inventory: one master a host, everything else goes over it.
package actor SSHSession {
    package nonisolated let configuration: SSHConfigurationFile
    let logger: Logger
    private let directory: PrivateDirectory
    private var masters: [HostName: HeldChild] = [:]
    private var openings: [HostName: Task<HeldChild, any Error>] = [:]
    private var fileCount = 0
    /// The sockets that are forwarded, by their paths.
    var forwards: [String: Forward] = [:]

    /// A socket's host, and where in its master's log the time behind the forward begins; nil once nothing there forbids it.
    struct Forward {
        let host: HostName
        var messages: Int64?
    }

    /// Writes the configuration into a private directory; connects to nothing yet.
    package init(inventory: Inventory, hostKeys: HostKeyPolicy = HostKeyPolicy(), logger: Logger) throws {
        // A write to an ssh that is gone must be an error, not the end of atrest. Children start with the default.
        signal(SIGPIPE, SIG_IGN)
        directory = try PrivateDirectory()
        do {
            configuration = try SSHConfigurationFile(
                inventory: inventory, hostKeys: hostKeys, directory: directory.path)
            try directory.write(configuration.masterText, to: "config")
            try directory.write(configuration.callText, to: "calls")
            try directory.write(configuration.knownHostsText, to: "known_hosts")
        } catch {
            directory.remove()
            throw error
        }
        self.logger = logger
    }

    /// Connects to every host at once; throws `UnreachableHosts` with all those that failed.
    package func open() async throws {
        let names = configuration.inventory.hosts.map(\.name)
        let failures = try await withThrowingTaskGroup(of: SSHFailure?.self) { group in
            for name in names {
                group.addTask {
                    do throws(SSHFailure) {
                        _ = try await self.master(of: name)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failures: [HostName: SSHFailure] = [:]
            while let result = try await group.next() {
                if let failure = result { failures[failure.host] = failure }
            }
            return failures
        }
        guard failures.isEmpty else { throw UnreachableHosts(failures: names.compactMap { failures[$0] }) }
    }

    func drop(_ host: HostName) async {
        await masters.removeValue(forKey: host)?.kill()
    }

    /// Whether a forwarded socket still leads to its host: it ends with the connection that it was made over.
    package func isForwarded(_ socket: String) -> Bool {
        forwards[socket].map { masters[$0.host]?.isRunning == true } ?? false
    }

    /// Ends every connection and removes the private directory.
    package func close() async {
        let open = masters.values
        masters = [:]
        await withDiscardingTaskGroup { group in
            for master in open {
                group.addTask { await master.kill() }
            }
        }
        directory.remove()
    }

    /// Removes what every session has left on this machine, for a process that ends at once.
    ///
    /// The connections end with the process, whose end closes their input.
    package static func abandonAll() {
        PrivateDirectory.removeAll()
    }

    /// The ways to reach the hosts.
    package nonisolated var shell: RemoteShell {
        RemoteShell(
            run: { try await self.run($0, on: $1, timeout: $2) },
            forward: { try await self.forward(to: $0, port: $1, from: $2) })
    }

    /// The host's living master; a dead one is replaced.
    func master(of host: HostName) async throws(SSHFailure) -> HeldChild {
        if let master = masters[host], master.isRunning { return master }
        let opening =
            openings[host]
            ?? Task {
                defer { openings[host] = nil }
                let master = try await connect(host)
                masters[host] = master
                return master
            }
        openings[host] = opening
        do {
            return try await withTaskCancellationHandler {
                try await opening.value
            } onCancel: {
                opening.cancel()
            }
        } catch {
            throw error as? SSHFailure ?? failure(host, .clientFailed, String(describing: error))
        }
    }

    /// Starts a master and waits until it can be used.
    ///
    /// Its remote command ends with our end of its input, and the master with the command: ControlPersist would outlive us.
    private func connect(_ host: HostName) async throws -> HeldChild {
        let started = ContinuousClock.now
        forwards = forwards.filter { $0.value.host != host }
        let log = logPath(of: host)
        unsafe unlink(log)
        unsafe unlink(configuration.controlPath(of: host))
        let child = try HeldChild(
            ["-F", configPath, SSHConfigurationFile.alias(of: host), "echo atrest-ready; exec cat >/dev/null"],
            log: log)
        switch try await child.begins(with: "atrest-ready", within: .seconds(45)) {
        case .begun:
            logger.debug("connected", metadata: ["host": "\(host)", "duration": "\(started.duration(to: .now))"])
            for line in SSHFailure.Reason.newHostKeys(messages(of: host)) {
                logger.warning(
                    "a host key was accepted at first sight", metadata: ["host": "\(host)", "ssh": "\(line)"])
            }
            return child
        case .ended(let lastLine):
            let status = try await exitStatus(of: child, host)
            // Any status but ssh's own comes from the other side, where something else than a shell answered.
            guard status == 255 else { throw failure(host, .rootRefused, lastLine) }
            let (reason, words) = SSHFailure.Reason.opening(messages(of: host))
            throw failure(host, reason, words)
        case nil:
            throw failure(host, .unreachable, "no answer within 45 seconds")
        }
    }

    /// What a child that did not begin ended with.
    func exitStatus(of child: HeldChild, _ host: HostName) async throws -> Int32 {
        do {
            return try await child.exitStatus()
        } catch is TooMuchOutput {
            throw failure(host, .tooMuchOutput, "")
        }
    }

    /// A path in the private directory for a new file or socket.
    func freshPath(_ suffix: String) -> String {
        fileCount += 1
        return "\(directory.path)/\(fileCount).\(suffix)"
    }

    nonisolated var configPath: String { "\(configuration.directory)/config" }
    nonisolated var callsPath: String { "\(configuration.directory)/calls" }

    nonisolated func logPath(of host: HostName) -> String { configuration.controlPath(of: host) + ".log" }

    /// What the host's master has printed, from an offset on.
    nonisolated func messages(of host: HostName, from offset: Int64 = 0) -> String {
        Self.text(of: logPath(of: host), from: offset)
    }

    /// Where the host's master will print next.
    nonisolated func endOfMessages(of host: HostName) -> Int64 {
        let end = try? FileDescriptor.open(FilePath(logPath(of: host)), .readOnly).reading { log in
            try log.seek(offset: 0, from: .end)
        }
        return end ?? 0
    }

    /// Up to 64 KiB of a file; nothing where it was never written.
    static func text(of path: String, from offset: Int64 = 0) -> String {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let length = try? FileDescriptor.open(FilePath(path), .readOnly).reading { file in
            try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(fromAbsoluteOffset: offset, into: $0) }
        }
        return String(decoding: bytes.prefix(length ?? 0), as: UTF8.self)
    }

    nonisolated func failure(_ host: HostName, _ reason: SSHFailure.Reason, _ words: String) -> SSHFailure {
        SSHFailure(
            host: host, endpoint: configuration.endpoint(of: host), reason: reason,
            words: SSHFailure.Reason.plainLine(words))
    }
}

extension FileDescriptor {
    fileprivate func reading<Value>(_ body: (FileDescriptor) throws -> Value) throws -> Value {
        try closeAfter { try body(self) }
    }
}

extension SSHConfigurationFile {
    /// `user@address:port`, and the bastion where there is one.
    func endpoint(of name: HostName) -> String {
        guard let host = inventory.hosts.first(where: { $0.name == name }) else { return "not in the inventory" }
        let target = Self.endpoint(host.ssh.user, host.address, host.ssh.port)
        guard let bastion = host.ssh.bastion else { return target }
        return "\(target) through \(Self.endpoint(bastion.user, bastion.address, bastion.port))"
    }

    private static func endpoint(_ user: String, _ address: String, _ port: Int) -> String {
        address.contains(":") ? "\(user)@[\(address)]:\(port)" : "\(user)@\(address):\(port)"
    }
}
