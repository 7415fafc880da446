import ControlPlane
import Reconciliation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whose word counts for a host's key.
@Suite struct HostKeyPolicyTests {
    /// Why a host could not be reached under a policy; nil where it was.
    static func failure(of host: Host, _ policy: HostKeyPolicy) async throws -> SSHFailure.Reason? {
        let session = try SSHSession(
            inventory: Inventory(clusterName: "test", hosts: [host]), hostKeys: policy, logger: SSHSessionTests.quiet)
        do {
            try await session.open()
        } catch let error as UnreachableHosts {
            await session.close()
            return error.failures.first?.reason
        }
        await session.close()
        return nil
    }

    @Test("a host that a file has, or that may be new => reached; one that the file lacks => not")
    func file() async throws {
        try await LoopbackSSHD.running { sshd in
            let host = sshd.host(pinned: false)
            var policy = HostKeyPolicy(knownHostsFile: "\(sshd.directory)/known hosts")
            try write("", to: "\(sshd.directory)/known hosts")
            #expect(try await Self.failure(of: host, policy) == .unknownHostKey)
            policy.acceptsNewHosts = true
            #expect(try await Self.failure(of: host, policy) == nil)
            let remembered = try await ControlPlaneTests.shell("cat '\(sshd.directory)/known hosts'")
            let key = sshd.hostKey.split(separator: " ").prefix(2).joined(separator: " ")
            #expect(remembered.hasSuffix(" \(key)\n") && remembered.split(separator: "\n").count == 1)
            policy.acceptsNewHosts = false
            #expect(try await Self.failure(of: host, policy) == nil)
        }
    }

    @Test("another key than the file has => refused, also where new hosts are accepted")
    func changed() async throws {
        try await LoopbackSSHD.running { sshd in
            let policy = HostKeyPolicy(knownHostsFile: "\(sshd.directory)/known", acceptsNewHosts: true)
            let wrong = try await ControlPlaneTests.shell("cat \(sshd.directory)/id.pub")
            try write("[127.0.0.1]:\(sshd.port) \(wrong)", to: "\(sshd.directory)/known")
            #expect(try await Self.failure(of: sshd.host(pinned: false), policy) == .changedHostKey)
        }
    }

    @Test("a pinned key => the only one that counts, whatever a file has and whether new hosts are accepted")
    func pinned() async throws {
        try await LoopbackSSHD.running { sshd in
            let known = "\(sshd.directory)/known"
            let policy = HostKeyPolicy(knownHostsFile: known, acceptsNewHosts: true)
            // The file has a wrong one.
            let other = try await ControlPlaneTests.shell("cat \(sshd.directory)/id.pub")
            try write("[127.0.0.1]:\(sshd.port) \(other)", to: known)
            #expect(try await Self.failure(of: sshd.host(), policy) == nil)
            // The file has the right one.
            try write("[127.0.0.1]:\(sshd.port) \(sshd.hostKey)\n", to: known)
            var wrong = sshd.host()
            wrong.ssh.hostKey = other.split(separator: "\n").joined()
            #expect(try await Self.failure(of: wrong, policy) == .changedHostKey)
            // Of another type than the host's.
            wrong.ssh.hostKey = try await ControlPlaneTests.shell(
                "ssh-keygen -q -t ecdsa -N '' -C '' -f \(sshd.directory)/other; cat \(sshd.directory)/other.pub"
            ).split(separator: "\n").joined()
            #expect(try await Self.failure(of: wrong, policy) == .changedHostKey)
        }
    }

    @Test("a wrong pinned key of the bastion => refused, and the message says that it is the bastion's")
    func bastion() async throws {
        try await LoopbackSSHD.running { sshd in
            var host = sshd.host()
            let wrong = try await ControlPlaneTests.shell("cat \(sshd.directory)/id.pub")
            host.ssh.bastion = Bastion(
                address: "127.0.0.1", port: sshd.port, user: "root", privateKeyFile: sshd.userKeyFile,
                hostKey: wrong.split(separator: "\n").joined())
            let session = try SSHSession(
                inventory: Inventory(clusterName: "test", hosts: [host]),
                hostKeys: HostKeyPolicy(acceptsNewHosts: true), logger: SSHSessionTests.quiet)
            let failures = await #expect(throws: UnreachableHosts.self) { try await session.open() }
            await session.close()
            #expect(failures?.failures.map(\.reason) == [.changedHostKey])
            #expect(failures?.failures.first?.words.contains("Host key for atrest-bastion has changed") == true)
        }
    }

    @Test("a file of the operator's own => ssh looks into no other, whatever the user's configuration says")
    func only() async throws {
        let inventory = Inventory(
            clusterName: "test",
            hosts: [Host(name: HostName("cp1"), address: "192.0.2.1", privateAddress: "192.0.2.1", ssh: SSHAccess())])
        let options = try await SSHConfigurationFileTests.resolve(
            inventory, "atrest-cp1",
            hostKeys: HostKeyPolicy(knownHostsFile: "/keys/known hosts", acceptsNewHosts: true),
            user: """
                UserKnownHostsFile /dev/null
                GlobalKnownHostsFile /keys/everybody
                StrictHostKeyChecking no
                VerifyHostKeyDNS yes

                """)
        #expect(options["userknownhostsfile"] == "/keys/known hosts")
        #expect(options["globalknownhostsfile"] == "/dev/null")
        #expect(options["stricthostkeychecking"] == "accept-new")
        #expect(options["verifyhostkeydns"] == "false")
    }

    @Test("a path that means more to ssh than itself => refused", arguments: SSHConfigurationFileTests.unsafeValues)
    func unsafePath(path: String) {
        #expect(throws: UnsafeSSHValue.self) {
            try SSHConfigurationFile(
                inventory: Inventory(clusterName: "test", hosts: []), hostKeys: HostKeyPolicy(knownHostsFile: path),
                directory: "/tmp/x")
        }
    }

    @Test("a file that is missing, or is none => said before ssh is tried; one that may be made is not missing")
    func usable() async throws {
        try await withTemporaryDirectory { directory in
            func finding(_ path: String, accepts: Bool) -> String? {
                do throws(UnusableKnownHostsFile) {
                    try HostKeyPolicy(knownHostsFile: path, acceptsNewHosts: accepts).checkFile()
                    return nil
                } catch {
                    return error.finding
                }
            }
            #expect(finding("\(directory)/none", accepts: false) == "does not exist")
            #expect(finding("\(directory)/none", accepts: true) == nil)
            #expect(finding("\(directory)/no/none", accepts: true) == "does not exist and cannot be made")
            #expect(finding(directory, accepts: false)?.hasPrefix("is not a file") == true)
            #expect(finding("/dev/null", accepts: true) == nil)
            #expect(unsafe access("\(directory)/none", F_OK) != 0)
        }
    }
}
