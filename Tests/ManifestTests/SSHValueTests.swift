import Manifest
import Reconciliation
import Testing

/// Every value that reaches ssh, given through a manifest.
@Suite struct SSHValueTests {
    private static let keyAdvice = "give the second word of the host's /etc/ssh/ssh_host_ed25519_key.pub"

    @Test(
        "a value that ssh could misread => refused with its field and the reason",
        arguments: [
            ("publicAddress", "-oProxyCommand=id", #"begins with "-", which ssh would take for an option"#),
            ("publicAddress", "a%h", #"contains "%", which ssh would expand"#),
            ("publicAddress", "a\\nProxyCommand id", "contains a line break"),
            ("publicAddress", "$(id)", #"contains "$", which ssh or a shell would expand"#),
            ("publicAddress", "a`id`", #"contains "`", which ssh or a shell would expand"#),
            ("publicAddress", "a'b", "contains ', which would break the quoting in ssh's configuration"),
            ("publicAddress", "a\\\"b", "contains \", which would break the quoting in ssh's configuration"),
            ("publicAddress", "a\\\\b", "contains \\, which would break the quoting in ssh's configuration"),
            ("publicAddress", "a\\u202Eb", "contains an invisible character (U+202E)"),
            ("publicAddress", "a b", "is not a host name or address"),
            ("publicAddress", "a..b", "is not a host name or address"),
            ("publicAddress", "a-.b", "is not a host name or address"),
            ("publicAddress", "bücher.example", "is not a host name or address"),
            ("publicAddress", "a,b", "is not a host name or address"),
            ("publicAddress", "root@192.0.2.1", "has a user in it: give the user in its own field"),
            ("publicAddress", "192.0.2.300", "is not an IPv4 address"),
            ("publicAddress", "192.0.2", "is not an IPv4 address"),
            ("publicAddress", "192.0.2.010", "is not an IPv4 address"),
            ("publicAddress", "192.0.2.1:22", "is not an IPv6 address (a port has its own field)"),
            ("publicAddress", "2001:db8::1::2", "is not an IPv6 address (a port has its own field)"),
            ("publicAddress", "2001:db8:1", "is not an IPv6 address (a port has its own field)"),
            ("publicAddress", "12345::", "is not an IPv6 address (a port has its own field)"),
            ("publicAddress", "[2001:db8::1]", "stands in brackets: write an IPv6 address without them"),
            (
                "privateAddress", "fe80::1%eth0",
                #"has a zone ("%"), which means something on one machine only: give a routable address"#
            ),
            ("bastion", "ssh://a", "is a URL: give the bare host name or address"),
            ("hostname", "-a", #"begins with "-", which ssh would take for an option"#),
            ("sshUsername", "", "is empty: no SSH username given (leave the field out for root)"),
            ("sshUsername", "-l", #"begins with "-", which ssh would take for an option"#),
            ("sshUsername", "a b", "is not a login name: letters, digits and . _ - + @ are accepted"),
            ("sshUsername", "a;b", "is not a login name: letters, digits and . _ - + @ are accepted"),
            ("bastionUser", "%u", #"contains "%", which ssh would expand"#),
            ("sshPrivateKeyFile", "/a/%d/key", #"contains "%", which ssh would expand"#),
            ("sshPrivateKeyFile", "${HOME}/key", #"contains "$", which ssh or a shell would expand"#),
            (
                "sshPrivateKeyFile", "~root/key",
                #"begins with "~" and a user's name: only "~/" is resolved, write the whole path"#
            ),
            ("sshCertFile", "a\\tb", "contains an invisible character (U+9)"),
            ("bastionPrivateKeyFile", "-i", #"begins with "-", which ssh would take for an option"#),
            ("sshAgentSocket", "env:", #"does not name an environment variable behind "env:""#),
            ("sshAgentSocket", "env:1A", #"does not name an environment variable behind "env:""#),
            ("sshAgentSocket", "env:A B", #"does not name an environment variable behind "env:""#),
            ("sshAgentSocket", "/run/a\\\"b", "contains \", which would break the quoting in ssh's configuration"),
            ("sshHostPublicKey", "AAA", "is not base64: \(keyAdvice)"),
            ("sshHostPublicKey", "AAAA\\nAAAA", "is not base64: \(keyAdvice)"),
            ("sshHostPublicKey", "AAAA", "is not a public key in SSH's format: \(keyAdvice)"),
            ("sshHostPublicKey", "//////8=", "is not a public key in SSH's format: \(keyAdvice)"),
            (
                "bastionHostPublicKey", "AAAAB3NzaC1kc3M=",
                "is a key of the type \"ssh-dss\", which is not accepted: \(keyAdvice)"
            ),
            (
                "sshHostPublicKey", "AAAAC3NzaC1lZDI1NTE5AAAAAQA=", "is a damaged ssh-ed25519 key: \(keyAdvice)"
            ),
        ])
    func refused(field: String, escaped: String, reason: String) {
        let address = field == "publicAddress" ? "" : "\npublicAddress: 192.0.2.1"
        let text = Fixtures.manifest(host: "\(field): \"\(escaped)\"\(address)")
        let found = problems { () throws(InputError) in _ = try KubeOneManifest(parsing: text, file: "kubeone.yaml") }
        #expect(found.count == 1)
        let message = found.first ?? ""
        #expect(message.hasPrefix("kubeone.yaml:6:\(7 + field.count): \(field) \""))
        #expect(message.hasSuffix("\" \(reason)"))
        #expect(message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }

    @Test(
        "addresses of every kind => accepted as they are",
        arguments: [
            "192.0.2.1", "cp-1", "cp-1.example.com", "CP_1.internal", "1st.example", "2001:db8::1", "::1", "::",
            "2001:DB8:0:0:0:0:0:1", "::ffff:192.0.2.1", "1::8",
        ])
    func addresses(text: String) throws {
        let host = try #require(try resolve(Fixtures.manifest(host: "publicAddress: '\(text)'")).hosts.first)
        #expect(host.address == text)
    }

    @Test("host keys that ssh-keygen makes => type read from the key itself")
    func hostKeys() throws {
        let lines = try Fixtures.text("host-keys.txt").split(separator: "\n")
        #expect(lines.count == 4)
        for line in lines {
            let base64 = try #require(line.split(separator: " ").last)
            let host = "publicAddress: 192.0.2.1\nsshHostPublicKey: \(base64)"
            #expect(try resolve(Fixtures.manifest(host: host)).hosts.first?.ssh.hostKey == String(line))
        }
    }

    @Test("a host key cut short or lengthened anywhere => refused")
    func damagedHostKeys() throws {
        for line in try Fixtures.text("host-keys.txt").split(separator: "\n") {
            let base64 = try #require(line.split(separator: " ").last)
            let damaged = base64.indices.map { String(base64[..<$0]) }.dropFirst() + [base64 + "AAAA", "AAAA" + base64]
            for key in damaged {
                let text = Fixtures.manifest(host: "publicAddress: 192.0.2.1\nsshHostPublicKey: \(key)")
                #expect(problems { () throws(InputError) in _ = try resolve(text) }.count == 1, "\(key)")
            }
        }
    }

    @Test(
        "paths => absolute ones",
        arguments: [
            ("/etc/a b/key", "/etc/a b/key"), ("~/k", "/home/ops/k"), ("k", "/work dir/k"), ("./k", "/work dir/k"),
            ("../k", "/work dir/../k"), ("schlüssel", "/work dir/schlüssel"),
        ])
    func paths(text: String, expected: String) throws {
        let host = "publicAddress: 192.0.2.1\nsshPrivateKeyFile: '\(text)'"
        #expect(try resolve(Fixtures.manifest(host: host)).hosts.first?.ssh.privateKeyFile == expected)
    }

    @Test("surroundings that ssh could misread, or none => refused where a path needs them, and only there")
    func surroundings() throws {
        let wrong = Surroundings(home: nil, workingDirectory: "/100%")
        let found = { (path: String) in
            problems { () throws(InputError) in
                let host = "publicAddress: 192.0.2.1\nsshPrivateKeyFile: \(path)"
                _ = try resolve(Fixtures.manifest(host: host), in: wrong)
            }
        }
        #expect(found("/k") == [])
        #expect(
            found("~/k") == [
                "kubeone.yaml:6:5: sshPrivateKeyFile \"~/k\" begins with \"~/\", but HOME is not set: write the whole path"
            ])
        #expect(
            found("k") == [
                "kubeone.yaml:6:5: sshPrivateKeyFile \"k\" means \"/100%/k\", "
                    + "which contains \"%\", which ssh would expand"
            ])
    }

    @Test("a private key pasted for its path => its content is not repeated")
    func pastedKey() {
        let key = "|\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  b3BlbnNzaC1rZXktdjEAAAAA"
        let text = Fixtures.manifest(host: "publicAddress: 192.0.2.1\nsshPrivateKeyFile: \(key)")
        let found = problems { () throws(InputError) in _ = try resolve(text) }
        #expect(
            found == [
                "kubeone.yaml:7:24: sshPrivateKeyFile \"-----BEGIN OPENSSH PRIVATE KEY-----…\" "
                    + "begins with \"-\", which ssh would take for an option"
            ])
    }
}
