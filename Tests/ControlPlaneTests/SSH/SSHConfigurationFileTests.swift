import ControlPlane
import Foundation
import Reconciliation
import Testing

/// Foundation has one of its own.
private typealias Host = Reconciliation.Host

@Suite struct SSHConfigurationFileTests {
    static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKqnQ0Jcxt7GqS7ctPmN0VF1WQmmQAqp5mIu9NBBhEZB"

    private static func inventory(_ hosts: Host...) -> Inventory { Inventory(clusterName: "test", hosts: hosts) }

    private static func host(_ name: String, _ access: SSHAccess, address: String = "192.0.2.1") -> Host {
        Host(name: HostName(name), address: address, privateAddress: address, ssh: access)
    }

    /// Three hosts that use every option between them: two behind the same bastion, one behind another.
    static let everything = inventory(
        host(
            "cp1",
            SSHAccess(
                port: 2222, user: "ubuntu", privateKeyFile: "~/.ssh/id cp", agentSocket: "env:SSH_AUTH_SOCK",
                hostKey: key,
                bastion: Bastion(address: "bastion.example.com", user: "jump", hostKey: key))),
        host(
            "cp2",
            SSHAccess(
                user: "ubuntu", privateKeyFile: "~/.ssh/id cp", certificateFile: "keys/id-cert.pub",
                agentSocket: "/run/agent.sock",
                bastion: Bastion(
                    address: "2001:db8::1", port: 2200, user: "jump", privateKeyFile: "/keys/bastion", hostKey: key)),
            address: "2001:db8::2"),
        host(
            "bastion",
            SSHAccess(
                user: "ubuntu", privateKeyFile: "~/.ssh/id cp", agentSocket: "env:SSH_AUTH_SOCK",
                bastion: Bastion(address: "bastion.example.com", user: "jump", hostKey: key)),
            address: "cp3.example.com"))

    @Test("hosts with every option => the golden files", arguments: ["config", "calls", "known_hosts"])
    func golden(name: String) throws {
        let file = try SSHConfigurationFile(inventory: Self.everything, directory: "/tmp/atrest-abc123")
        let text = ["config": file.masterText, "calls": file.callText, "known_hosts": file.knownHostsText][name]
        let golden = try #require(
            Bundle.module.url(forResource: name, withExtension: "golden", subdirectory: "Fixtures/SSH"))
        #expect(try text == String(contentsOf: golden, encoding: .utf8))
    }

    /// What the installed ssh makes of the configuration, with a file in the place of the user's own.
    static func resolve(
        _ inventory: Inventory, _ alias: String, hostKeys: HostKeyPolicy = HostKeyPolicy(), user: String
    ) async throws -> [String: String] {
        try await withTemporaryDirectory { directory in
            let file = try SSHConfigurationFile(inventory: inventory, hostKeys: hostKeys, directory: directory)
            try write(user, to: "\(directory)/user")
            try write(
                file.masterText.replacingOccurrences(of: "~/.ssh/config", with: "\(directory)/user"),
                to: "\(directory)/config")
            let lines = try await ControlPlaneTests.shell("ssh -G -F \(directory)/config \(alias)").split(
                separator: "\n")
            return Dictionary(
                lines.map { line in
                    let words = line.split(separator: " ", maxSplits: 1)
                    return (String(words[0]), words.count > 1 ? String(words[1]) : "")
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    @Test("ssh -G => each alias means what the inventory says")
    func meaning() async throws {
        let first = try await Self.resolve(Self.everything, "atrest-cp1", user: "")
        #expect(first["hostname"] == "192.0.2.1")
        #expect(first["port"] == "2222")
        #expect(first["user"] == "ubuntu")
        #expect(first["identityfile"] == "~/.ssh/id cp")
        #expect(first["identitiesonly"] == "yes")
        #expect(first["identityagent"] == "$SSH_AUTH_SOCK")
        #expect(first["hostkeyalias"] == "atrest-cp1")
        #expect(first["stricthostkeychecking"] == "true")
        #expect(first["proxyjump"] == "atrest-bastion-2")
        #expect(first["batchmode"] == "yes")
        #expect(first["controlmaster"] == "true")
        let second = try await Self.resolve(Self.everything, "atrest-cp2", user: "")
        #expect(second["hostname"] == "2001:db8::2")
        #expect(second["proxyjump"] == "atrest-bastion-3")
        #expect(second["certificatefile"] == "./keys/id-cert.pub")
        #expect(second["hostkeyalias"] == nil)
        let bastion = try await Self.resolve(Self.everything, "atrest-bastion-2", user: "")
        #expect(bastion["hostname"] == "bastion.example.com")
        #expect(bastion["user"] == "jump")
        #expect(bastion["identityfile"] == "~/.ssh/id cp")
        #expect(bastion["controlmaster"] == "false")
    }

    @Test("a bastion with the host's own key => the host's certificate too; one with another key => not")
    func bastionsCertificate() async throws {
        func certificate(bastionsKey: String) async throws -> String? {
            let access = SSHAccess(
                privateKeyFile: "/keys/id", certificateFile: "/keys/id-cert.pub",
                bastion: Bastion(address: "192.0.2.9", user: "jump", privateKeyFile: bastionsKey))
            let inventory = Self.inventory(Self.host("cp1", access))
            return try await Self.resolve(inventory, "atrest-bastion", user: "")["certificatefile"]
        }
        #expect(try await certificate(bastionsKey: "/keys/id") == "/keys/id-cert.pub")
        #expect(try await certificate(bastionsKey: "/keys/other") == nil)
    }

    @Test("a user's own configuration => matched by the real host name, adds to ours, overrides none of it")
    func userConfiguration() async throws {
        let inventory = Self.inventory(Self.host("cp1", SSHAccess(user: "ubuntu")))
        let options = try await Self.resolve(
            inventory, "atrest-cp1",
            user: """
                Host 192.0.2.1
                    IdentityFile /keys/mine
                    ProxyCommand nc %h %p
                    User somebody
                Host 198.51.100.7
                    Compression yes
                Host *
                    UseKeychain yes
                    ForwardAgent yes
                    ForwardX11 yes
                    PermitLocalCommand yes
                    LocalCommand touch /tmp/owned
                    RemoteCommand tmux
                    RequestTTY force
                    StrictHostKeyChecking no
                    BatchMode no
                    ControlPersist yes
                    ControlPath ~/.ssh/%C
                    LocalForward 8080 localhost:80
                    SessionType none
                    StdinNull yes
                    ForkAfterAuthentication yes
                    LogLevel DEBUG3
                    NoHostAuthenticationForLocalhost yes
                    ServerAliveInterval 0

                """)
        #expect(options["identityfile"] == "/keys/mine")
        #expect(options["proxycommand"] == "nc %h %p")
        #expect(options["user"] == "ubuntu")
        #expect(options["compression"] == "no")
        #expect(options["forwardagent"] == "no")
        #expect(options["forwardx11"] == "no")
        #expect(options["permitlocalcommand"] == "no")
        #expect(options["remotecommand"] == nil)
        #expect(options["requesttty"] == "false")
        #expect(options["stricthostkeychecking"] == "true")
        #expect(options["batchmode"] == "yes")
        #expect(options["controlpersist"] == "no")
        #expect(options["controlpath"]?.hasSuffix("/0.master") == true)
        #expect(options["clearallforwardings"] == "yes")
        #expect(options["sessiontype"] == "default")
        #expect(options["stdinnull"] == "no")
        #expect(options["forkafterauthentication"] == "no")
        #expect(options["loglevel"] == "INFO")
        #expect(options["nohostauthenticationforlocalhost"] == "no")
        #expect(options["serveraliveinterval"] == "5")
    }

    static let unsafeValues = [
        "-oProxyCommand=touch", "a\"b", "a'b", "a\nProxyCommand touch /tmp/owned", "a%h", "a\\b", "a\u{7F}", "",
        "a`id`", "a$b",
    ]

    @Test("values that mean more to ssh than themselves => refused", arguments: unsafeValues)
    func refused(value: String) {
        let hosts = [
            Self.host("cp1", SSHAccess(), address: value), Self.host(value, SSHAccess()),
            Self.host("cp1", SSHAccess(user: value)), Self.host("cp1", SSHAccess(privateKeyFile: value)),
            Self.host("cp1", SSHAccess(certificateFile: value)), Self.host("cp1", SSHAccess(agentSocket: value)),
            Self.host("cp1", SSHAccess(agentSocket: "env:" + value)),
            Self.host("cp1", SSHAccess(hostKey: "ssh-ed25519 " + value)),
            Self.host("cp1", SSHAccess(bastion: Bastion(address: value, user: "jump"))),
            Self.host("cp1", SSHAccess(bastion: Bastion(address: "b", user: value))),
            Self.host("cp1", SSHAccess(bastion: Bastion(address: "b", user: "jump", privateKeyFile: value))),
            Self.host("cp1", SSHAccess(bastion: Bastion(address: "b", user: "jump", hostKey: value))),
        ]
        for host in hosts {
            #expect(throws: UnsafeSSHValue.self) {
                try SSHConfigurationFile(inventory: Self.inventory(host), directory: "/tmp/x")
            }
        }
    }
}
