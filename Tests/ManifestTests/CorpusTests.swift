import Foundation
import Manifest
import Reconciliation
import Testing

/// Files as users and KubeOne's own tests have them: ours, and a public corpus where it lies beside the package.
@Suite struct CorpusTests {
    @Test("every manifest => its hosts and its wish", arguments: ManifestSample.all)
    func manifests(sample: ManifestSample) throws {
        var text = String(decoding: try sample.read(), as: UTF8.self)
        if sample.isTemplate {
            let found = problems { () throws(InputError) in _ = try KubeOneManifest(parsing: text, file: "m") }
            #expect(found.count == 1 && found[0].hasSuffix("the line holds a template, {{ … }}: render it first"))
            text = text.replacing(#/{{ required "[^"]*" .VERSION }}/#, with: "1.30.1")
        }
        let manifest = try KubeOneManifest(parsing: text, file: "kubeone.yaml")
        switch (manifest.encryption, sample.wish) {
        case (.disabled, .disabled), (.managed, .managed), (.custom, .custom): break
        default: Issue.record("\(manifest.encryption) in place of \(sample.wish)")
        }
        // A name is needed, and here the hosts may be in Terraform's output.
        let name = #"{"kubeone_hosts": {"value": {"control_plane": {"cluster_name": "k"}}}}"#
        if sample.hosts.isEmpty {
            #expect(
                problems { () throws(InputError) in _ = try resolve(text, name) } == [
                    "kubeone.yaml: there are no control-plane hosts: \"output.json\" has no addresses either (kubeone_hosts)"
                ])
        } else {
            #expect(try resolve(text, name).hosts.map(\.address) == sample.hosts)
        }
    }

    @Test("every Terraform output => the hosts that it lists and the way to them", arguments: TerraformSample.all)
    func terraform(sample: TerraformSample) throws {
        let text = String(decoding: try sample.read(), as: UTF8.self)
        let inventory = try resolve(Fixtures.text("manifests/v1beta1.yaml"), text)
        #expect(inventory.clusterName == sample.cluster)
        var access = SSHAccess(port: 22, user: sample.user, agentSocket: "env:SSH_AUTH_SOCK")
        access.bastion = sample.bastion
        #expect(
            inventory.hosts
                == (0..<3).map { index in
                    Host(
                        name: HostName(sample.names?[index] ?? sample.addresses[index]),
                        address: sample.addresses[index], privateAddress: sample.privateAddresses[index], ssh: access)
                })
        #expect(try TerraformOutput(parsing: try sample.read(), file: "").apiEndpoint?.text == sample.endpoint)
    }

    @Test("every file of ours => is among these", arguments: ["manifests", "terraform"])
    func complete(folder: String) throws {
        let tested = (ManifestSample.all.map(\.file) + TerraformSample.all.map(\.file)).map(\.lastPathComponent)
        // The older form of Terraform's output has a test of its own.
        let untested = Set(try Fixtures.own(folder).map(\.lastPathComponent)).subtracting(tested)
        #expect(untested.subtracting(["array-of-groups.json"]) == [])
    }
}

/// A manifest, and what it declares.
struct ManifestSample: Sendable, CustomTestStringConvertible {
    let file: URL
    var wish = Wish.disabled
    /// The addresses that ssh dials; none where the manifest leaves the hosts to Terraform.
    var hosts: [String] = []
    /// Not YAML before it is rendered.
    var isTemplate = false

    enum Wish {
        case disabled, managed, custom
    }

    var testDescription: String { file.lastPathComponent }

    func read() throws -> [UInt8] { [UInt8](try Data(contentsOf: file)) }

    static let all = own + corpus

    private static let own: [ManifestSample] = [
        ManifestSample(
            file: Fixtures.file("manifests/all-fields.yaml"), wish: .disabled, hosts: ["192.0.2.11", "192.0.2.12"]),
        ManifestSample(file: Fixtures.file("manifests/custom.yaml"), wish: .custom),
        ManifestSample(file: Fixtures.file("manifests/init.yaml"), wish: .managed),
        ManifestSample(file: Fixtures.file("manifests/init-plain.yaml")),
        ManifestSample(file: Fixtures.file("manifests/template.yaml"), wish: .managed, isTemplate: true),
        ManifestSample(file: Fixtures.file("manifests/template-quoted.yaml")),
        ManifestSample(file: Fixtures.file("manifests/v1beta1.yaml"), wish: .managed),
        ManifestSample(
            file: Fixtures.file("manifests/v1beta3-hosts.yaml"), hosts: ["a", "b", "c"].map { "\($0).cluster.example" }),
        ManifestSample(file: Fixtures.file("manifests/v1beta3-addons.yaml")),
    ]

    private static let managed = Set(
        ["canal", "cilium", "cilium_replacement"].flatMap { network in
            ["encryption_with_encryption_and_coredns-pdb", "features_and_autoscaler"]
                .map { "init-\(network)_with_\($0).golden.yaml" }
        })

    private static let corpus = Fixtures.corpus("manifests").map { file in
        let name = file.lastPathComponent
        var sample = ManifestSample(file: file)
        if managed.contains(name) { sample.wish = .managed }
        if name.hasPrefix("migration-default_api_endpoint") { sample.hosts = (1...3).map { "api\($0).mycluster.tld" } }
        sample.isTemplate = ["containerd_simple_external.yaml", "kube_proxy_ipvs_external.yaml"].contains(name)
        return sample
    }
}

/// An output of Terraform's, and what it declares: three hosts.
struct TerraformSample: Sendable, CustomTestStringConvertible {
    let file: URL
    var cluster = "sample"
    var user = "core"
    var endpoint: String? = "203.0.113.10"
    var names: [String]? = (0...2).map { "sample-cp-\($0)" }
    var addresses = (1...3).map { "203.0.113.1\($0)" }
    var privateAddresses = (1...3).map { "10.1.0.\($0)" }
    var bastion: Bastion?

    var testDescription: String { file.lastPathComponent }

    func read() throws -> [UInt8] { [UInt8](try Data(contentsOf: file)) }

    static let all = own + corpus
    private static let own = [
        TerraformSample(
            file: Fixtures.file("terraform/bastion.json"), endpoint: "api.cluster.example",
            addresses: (1...3).map { "10.1.0.\($0)" }, bastion: Bastion(address: "203.0.113.1", user: "ubuntu")),
        TerraformSample(file: Fixtures.file("terraform/public.json")),
        TerraformSample(file: Fixtures.file("terraform/nameless.json"), endpoint: nil, names: nil),
    ]

    private static let corpus = Fixtures.corpus("terraform").map { file in
        var sample = TerraformSample(
            file: file, cluster: "k1", user: "ubuntu", endpoint: "198.51.100.10", names: (0...2).map { "cp-\($0)" },
            addresses: (1...3).map { "198.51.100.1\($0)" }, privateAddresses: (1...3).map { "10.0.0.1\($0)" })
        let name = file.lastPathComponent
        if name == "equinixmetal.json" { sample.names = nil }
        if ["aws-dualstack.json", "openstack.json"].contains(name) {
            sample.addresses = sample.privateAddresses
            sample.bastion = Bastion(address: "198.51.100.1", user: "ubuntu")
        }
        return sample
    }
}
