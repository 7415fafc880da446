import ArgumentParser
import FoundationEssentials
import Manifest
import Testing

@testable import AtRestCommands

@Suite("validate") struct ValidationTests {
    private static let hostKey = "AAAAC3NzaC1lZDI1NTE5AAAAINMgm0gerX10etKAhc2Ojnu4eHCkikVqj0C9T2F9Fh8m"

    static let custom = """
            enable: true
            customEncryptionConfiguration: |
              apiVersion: apiserver.config.k8s.io/v1
              kind: EncryptionConfiguration
              resources:
                - resources: [secrets]
                  providers:
                    - identity: {}
                    - secretbox:
                        keys: [{name: key-1, secret: "\(String(repeating: "A", count: 43))="}]
        """

    static func declared(_ encryption: String, hosts: String = "", terraform: String? = nil) throws -> Declaration {
        let manifest = """
            apiVersion: kubeone.k8c.io/v1beta2
            kind: KubeOneCluster
            name: k1
            features:
              encryptionProviders:
            \(encryption)
            controlPlane:
              hosts: [\(hosts)]
            """
        return try Declaration(
            manifest: try KubeOneManifest(parsing: manifest, file: "kubeone.yaml"),
            terraform: try terraform.map { try TerraformOutput(parsing: Array($0.utf8), file: "output.json") })
    }

    private func text(_ declared: Declaration) -> String { ValidationText(declared: declared).render() }

    private static let terraform = """
        {"kubeone_hosts": {"value": {"control_plane": {
          "public_address": ["192.0.2.1",
            "2001:db8::2"],
          "hostnames": ["cp1", "cp2"],
          "ssh_user": "ubuntu",
          "ssh_hosts_keys": ["\(hostKey)", null],
          "ssh_private_key_file": "/keys/id",
          "bastion": "192.0.2.9", "bastion_port": 2222, "bastion_user": "jump"}}}}
        """

    @Test("hosts in the manifest => a row for each with its defaults and its place, and the wish in words")
    func manifest() throws {
        let declared = try Self.declared(
            "    enable: true",
            hosts: "{publicAddress: 192.0.2.1, hostname: cp1}, {privateAddress: 10.0.0.2, sshPort: 2022}")
        #expect(
            text(declared) == """
                Cluster "k1", 2 control-plane hosts.
                Wanted: managed encryption (kubeone.yaml:6:13). Secrets are encrypted with a key that atrest makes, \
                everything else is stored as plain text.

                HOST      ADDRESS    USER  PORT  BASTION  HOST KEY     FROM
                cp1       192.0.2.1  root  22    -        known_hosts  manifest (kubeone.yaml:8:11)
                10.0.0.2  10.0.0.2   root  2022  -        known_hosts  manifest (kubeone.yaml:8:54)

                The inputs are valid. No host was contacted.

                """)
    }

    @Test("hosts in Terraform's output => its rows, the bastion, and which host keys are pinned")
    func terraform() throws {
        let declared = try Self.declared(
            "    enable: false", hosts: "{publicAddress: 192.0.2.77}", terraform: Self.terraform)
        #expect(
            text(declared) == """
                Cluster "k1", 2 control-plane hosts.
                Wanted: no encryption (kubeone.yaml:6:13). Everything is stored as plain text; what is encrypted now is decrypted.

                HOST  ADDRESS      USER    PORT  BASTION              HOST KEY                     FROM
                cp1   192.0.2.1    ubuntu  22    jump@192.0.2.9:2222  pinned, bastion known_hosts  Terraform (output.json:2:22)
                cp2   2001:db8::2  ubuntu  22    jump@192.0.2.9:2222  known_hosts                  Terraform (output.json:3:5)

                The inputs are valid. No host was contacted.

                """)
    }

    @Test("no encryptionProviders => no encryption, as the file as a whole has it")
    func silent() throws {
        let manifest = "apiVersion: kubeone.k8c.io/v1beta3\nkind: KubeOneCluster\nname: k1\n"
        let declared = try Declaration(
            manifest: try KubeOneManifest(parsing: manifest, file: "kubeone.yaml"),
            terraform: try TerraformOutput(parsing: Array(Self.terraform.utf8), file: "output.json"))
        #expect(text(declared).contains("\nWanted: no encryption (kubeone.yaml). Everything is stored as plain text;"))
    }

    @Test("a custom configuration => where it stands, and what each resource is written and read with")
    func custom() throws {
        let declared = try Self.declared(Self.custom, hosts: "{publicAddress: 192.0.2.1}")
        #expect(
            text(declared).contains(
                """
                Wanted: the custom configuration at kubeone.yaml:7:36, as it stands there:
                  secrets: write identity, read secretbox:key-1
                Note: the first provider for secrets is identity: nothing new is encrypted, and encrypted objects will be \
                written back as plain text; to encrypt, move secretbox first

                """))
        let json = try jsonText(ValidationJSON(declared))
        #expect(
            json.contains(
                """
                    "place" : {
                      "column" : 36,
                      "file" : "kubeone.yaml",
                      "line" : 7
                    },
                    "resources" : [
                      {
                        "read" : [
                          "secretbox:key-1"
                        ],
                        "resource" : "secrets",
                        "write" : "identity"
                      }
                    ]
                """))
        #expect(!json.contains("AAAAA") && !text(declared).contains("AAAAA"))
    }

    @Test("JSON => the same facts under stable names")
    func json() throws {
        let declared = try Self.declared("    enable: true", terraform: Self.terraform)
        let text = try jsonText(ValidationJSON(declared))
        #expect(
            text.hasPrefix(
                """
                {
                  "cluster" : "k1",
                  "encryption" : {
                    "mode" : "managed",
                    "notes" : [

                    ],
                    "place" : {
                      "column" : 13,
                      "file" : "kubeone.yaml",
                      "line" : 6
                    },
                    "resources" : [

                    ]
                  },
                  "hosts" : [
                    {
                      "address" : "192.0.2.1",
                      "bastion" : {
                        "address" : "192.0.2.9",
                        "port" : 2222,
                        "privateKeyFile" : "/keys/id",
                        "user" : "jump"
                      },
                      "hostKey" : "ssh-ed25519 \(Self.hostKey)",
                      "name" : "cp1",
                      "place" : {
                        "column" : 22,
                        "file" : "output.json",
                        "line" : 2
                      },
                      "port" : 22,
                      "privateAddress" : "192.0.2.1",
                      "privateKeyFile" : "/keys/id",
                      "user" : "ubuntu"
                    },
                """))
        #expect(text.hasSuffix("\n  ],\n  \"hostsFrom\" : \"terraform\"\n}\n"))
    }

    @Test("the command line => the same inputs as plan, and a format")
    func parses() throws {
        let command = try #require(
            try AtRest.parseAsRoot(["validate", "-m", "a.yaml", "-t", "-", "-o", "json"]) as? ValidateCommand)
        #expect(command.input.manifest == "a.yaml" && command.input.tfjson == "-" && command.format == .json)
        #expect(try (AtRest.parseAsRoot(["validate"]) as? ValidateCommand)?.format == .text)
        #expect(throws: (any Error).self) { try AtRest.parseAsRoot(["validate", "-o", "yaml"]) }
    }
}
