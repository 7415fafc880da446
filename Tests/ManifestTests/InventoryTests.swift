import Manifest
import Reconciliation
import Testing

@Suite struct InventoryTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMgm0gerX10etKAhc2Ojnu4eHCkikVqj0C9T2F9Fh8m"

    @Test("a manifest with every field => each in its place, paths resolved, merge keys followed")
    func allFields() throws {
        let inventory = try resolve(Fixtures.text("manifests/all-fields.yaml"))
        let bastion = Bastion(
            address: "2001:db8::1", port: 2200, user: "jump", privateKeyFile: "/work dir/jump_key", hostKey: Self.key)
        let access = SSHAccess(
            port: 2222, user: "deploy@corp", privateKeyFile: "/home/ops/my keys/id_ed25519",
            certificateFile: "/work dir/certs/id_ed25519-cert.pub", agentSocket: "/run/user/1000/agent.sock",
            hostKey: Self.key, bastion: bastion)
        let expected = Inventory(
            clusterName: "prod.example",
            hosts: [
                Host(
                    name: HostName("cp-1.example.com"), address: "192.0.2.11", privateAddress: "192.0.2.11",
                    ssh: access),
                Host(
                    name: HostName("cp-2.example.com"), address: "192.0.2.12", privateAddress: "192.0.2.12",
                    ssh: access),
            ])
        #expect(inventory == expected)
    }

    @Test("one address alone => KubeOne's defaults")
    func defaults() throws {
        let hosts = try resolve(Fixtures.manifest(host: "privateAddress: 192.0.2.1")).hosts
        #expect(
            hosts == [
                Host(
                    name: HostName("192.0.2.1"), address: "192.0.2.1", privateAddress: "192.0.2.1",
                    ssh: SSHAccess(port: 22, user: "root", agentSocket: "env:SSH_AUTH_SOCK"))
            ])
    }

    @Test("a public and a private address => the private one is dialled behind a bastion, the public one without")
    func privateBehindBastion() throws {
        let host = "publicAddress: 198.51.100.1\nprivateAddress: 192.0.2.1"
        #expect(try resolve(Fixtures.manifest(host: host)).hosts.map(\.address) == ["198.51.100.1"])
        let behind = try resolve(Fixtures.manifest(host: host + "\nbastion: 198.51.100.9\nsshPort: 0")).hosts
        #expect(behind.map(\.address) == ["192.0.2.1"] && behind.map(\.ssh.port) == [22])
    }

    @Test("other documents beside the KubeOneCluster, and empty ones => the cluster's counts")
    func severalDocuments() throws {
        let cluster = Fixtures.manifest(host: "publicAddress: 192.0.2.1")
        #expect(try resolve("---\n\(cluster)---\n").clusterName == "k1")
        let others = "kind: Secret\n---\n\(cluster)---\nkind: MachineDeployment\nname: other\n"
        #expect(try resolve(others).clusterName == "k1")
    }

    @Test("a key file, a bastion without details => no agent; the bastion has the host's user and key")
    func bastionDefaults() throws {
        let host = "publicAddress: a.example\nsshUsername: ubuntu\nsshPrivateKeyFile: /k\nbastion: b.example"
        let access = try #require(try resolve(Fixtures.manifest(host: host)).hosts.first).ssh
        #expect(access.agentSocket == nil)
        #expect(access.bastion == Bastion(address: "b.example", port: 22, user: "ubuntu", privateKeyFile: "/k"))
    }

    @Test("the examples => Terraform's hosts and name replace the manifest's")
    func examples() throws {
        let manifest = String(decoding: try Fixtures.example("kubeone.yaml"), as: UTF8.self)
        let alone = try resolve(manifest)
        #expect(alone.hosts.map(\.address) == ["198.51.100.11", "198.51.100.12", "198.51.100.13"])
        #expect(alone.hosts.map(\.ssh.privateKeyFile) == Array(repeating: "/home/ops/.ssh/id_ed25519", count: 3))
        let merged = try resolve(manifest, String(decoding: try Fixtures.example("output.json"), as: UTF8.self))
        #expect(merged.clusterName == "k1-cluster")
        #expect(merged.hosts.map(\.name.text) == ["cp-1", "cp-2", "cp-3"])
        #expect(merged.hosts.map(\.address) == ["192.0.2.11", "192.0.2.12", "192.0.2.13"])
        #expect(merged.hosts.allSatisfy { $0.ssh.privateKeyFile == nil })
        #expect(merged.hosts.allSatisfy { $0.ssh.bastion == Bastion(address: "198.51.100.1", user: "ubuntu") })
    }

    @Test("Terraform's older form with nulls => the same model")
    func arrayOfGroups() throws {
        let manifest = try Fixtures.text("manifests/v1beta1.yaml")
        let inventory = try resolve(manifest, Fixtures.text("terraform/array-of-groups.json"))
        let access = SSHAccess(privateKeyFile: "/home/ops/id_rsa")
        var pinned = access
        pinned.hostKey = Self.key
        let expected = Inventory(
            clusterName: "old",
            hosts: [
                Host(
                    name: HostName("198.51.100.11"), address: "198.51.100.11", privateAddress: "192.0.2.11",
                    ssh: pinned),
                Host(
                    name: HostName("192.0.2.12"), address: "192.0.2.12", privateAddress: "192.0.2.12", ssh: access),
            ])
        #expect(inventory == expected)
    }

    @Test("Terraform without any address => the manifest's hosts, as with KubeOne")
    func emptyTerraform() throws {
        let output = #"{"kubeone_hosts": {"value": {"control_plane": {"public_address": []}}}}"#
        let inventory = try resolve(Fixtures.manifest(host: "publicAddress: 192.0.2.1"), output)
        #expect(inventory.hosts.map(\.address) == ["192.0.2.1"])
    }

    @Test(
        "one of KubeOne's outputs without hosts => read, for they may stand in the manifest",
        arguments: ["kubeone_api", "kubeone_workers", "kubeone_static_workers"])
    func noHosts(output: String) throws {
        let text = "{\"\(output)\": {\"sensitive\": false, \"type\": [], \"value\": {}}}"
        #expect(
            try resolve(Fixtures.manifest(host: "publicAddress: 192.0.2.1"), text).hosts.map(\.address) == ["192.0.2.1"]
        )
    }

    @Test("hosts behind one address on different ports => accepted where their names and inner addresses differ")
    func forwardedPorts() throws {
        let text = Fixtures.manifest(hosts: [
            "{hostname: a, publicAddress: 192.0.2.1, sshPort: 2201, privateAddress: 10.0.0.1}",
            "{hostname: b, publicAddress: 192.0.2.1, sshPort: 2202, privateAddress: 10.0.0.2}",
        ])
        #expect(try resolve(text).hosts.map(\.ssh.port) == [2201, 2202])
    }

    @Test(
        "hosts that lack or repeat something => one message for each, at the host",
        arguments: [
            (
                ["{hostname: a}"],
                ["6:5: no public IP/address given: a host needs publicAddress or privateAddress"]
            ),
            (
                ["{publicAddress: a, sshAgentSocket: ''}"],
                [
                    "6:5: neither SSH private key nor agent socket given, don't know how to authenticate: "
                        + "give sshPrivateKeyFile, or leave sshAgentSocket out for env:SSH_AUTH_SOCK"
                ]
            ),
            (
                ["{publicAddress: 'fd00::A'}", "{publicAddress: 'fd00:0::a'}"],
                ["7:5: the address \"fd00:0::a\" is already that of the host at kubeone.yaml:6:5"]
            ),
            (
                ["{publicAddress: a, privateAddress: 10.0.0.1}", "{publicAddress: b, privateAddress: 10.0.0.1}"],
                ["7:5: the address \"10.0.0.1\" is already that of the host at kubeone.yaml:6:5"]
            ),
            (
                ["{publicAddress: a, hostname: cp}", "{publicAddress: b, hostname: CP}", "{privateAddress: cp}"],
                [
                    "7:5: the name \"CP\" is already that of the host at kubeone.yaml:6:5",
                    "8:5: the name \"cp\" is already that of the host at kubeone.yaml:6:5",
                ]
            ),
        ])
    func missing(hosts: [String], expected: [String]) {
        let found = problems { () throws(InputError) in _ = try resolve(Fixtures.manifest(hosts: hosts)) }
        #expect(found == expected.map { "kubeone.yaml:\($0)" })
    }

    @Test("no hosts, no name => what to give")
    func nothing() {
        let manifest = "apiVersion: kubeone.io/v1beta1\nkind: KubeOneCluster\n"
        let noName = "kubeone.yaml: the cluster has no name: give name here, or cluster_name in Terraform's output"
        #expect(
            problems { () throws(InputError) in _ = try resolve(manifest) } == [
                "kubeone.yaml: there are no control-plane hosts: "
                    + "list them under controlPlane.hosts, or give Terraform's output with -t",
                noName,
            ])
        let output = #"{"kubeone_hosts": {"value": {"control_plane": {}}}}"#
        #expect(
            problems { () throws(InputError) in _ = try resolve(manifest, output) } == [
                "kubeone.yaml: there are no control-plane hosts: \"output.json\" has no addresses either (kubeone_hosts)",
                noName,
            ])
    }
}
