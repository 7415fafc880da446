internal import ArgumentParser
internal import ControlPlane
internal import Manifest

/// Whose word counts for host keys that the inputs do not pin; the same for every command that connects.
struct SSHOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Known host keys, in place of those that ssh knows; a key that the inputs pin counts all the same.",
            valueName: "file"),
        completion: .file())
    var sshKnownHosts: String?

    @Flag(help: "Believe a host that no known_hosts file has, and remember it there; never one whose key is another.")
    var sshAcceptNewHostKeys = false

    /// What the flags say.
    ///
    /// - Throws: `UnusablePath`; `UnusableKnownHostsFile`.
    func hostKeys(in surroundings: Surroundings = .current) throws -> HostKeyPolicy {
        let policy = HostKeyPolicy(
            knownHostsFile: try sshKnownHosts.map { try surroundings.path($0, of: "--ssh-known-hosts") },
            acceptsNewHosts: sshAcceptNewHostKeys)
        try policy.checkFile()
        return policy
    }
}
