import ArgumentParser
import ControlPlane
import Manifest
import Testing

@testable import AtRestCommands

@Suite struct SSHOptionsTests {
    static let surroundings = Surroundings(home: "/root", workingDirectory: "/dev")

    static func hostKeys(_ arguments: [String]) throws -> HostKeyPolicy {
        try SSHOptions.parse(arguments).hostKeys(in: surroundings)
    }

    @Test("no flag => ssh's own files, and no new host")
    func nothing() throws {
        #expect(try Self.hostKeys([]) == HostKeyPolicy(knownHostsFile: nil, acceptsNewHosts: false))
    }

    @Test("both flags => as typed, with a path that ssh finds from anywhere")
    func both() throws {
        let policy = try Self.hostKeys(["--ssh-known-hosts", "./null", "--ssh-accept-new-host-keys"])
        #expect(policy == HostKeyPolicy(knownHostsFile: "/dev/null", acceptsNewHosts: true))
    }

    @Test("a path that ssh's configuration cannot carry, or that is not there => refused, and named")
    func refused() {
        for (path, words) in [("a%h", "would expand"), ("a\"b", "quoting"), ("nowhere", "does not exist")] {
            let error = #expect(throws: (any Error).self) { try Self.hostKeys(["--ssh-known-hosts", path]) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.hasPrefix("--ssh-known-hosts: ") && text.contains(words), "\(text)")
        }
    }

    @Test("every command that connects => has the flags", arguments: ["apply", "plan", "status", "verify"])
    func commands(name: String) throws {
        _ = try AtRest.parseAsRoot([name, "--ssh-known-hosts", "known", "--ssh-accept-new-host-keys"])
    }
}
