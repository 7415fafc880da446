import Foundation
import Manifest
import Reconciliation
import Testing

/// Inputs that somebody else wrote: a module from the registry, a pull request.
@Suite struct HostileManifestTests {
    private static let tricks = #"\u001b[2J\r\u009b1A\u202e\u0000\nkubeone.yaml: all is well"#

    /// Every string of a manifest, in the JSON that YAML is as well.
    private func manifest(_ field: String, _ value: String) -> String {
        func text(_ name: String, _ usual: String) -> String { name == field ? value : usual }
        return """
            {"apiVersion": "\(text("apiVersion", "kubeone.k8c.io/v1beta2"))", "kind": "\(text("kind", "KubeOneCluster"))",
             "name": "\(text("name", "k1"))", "versions": {"kubernetes": "\(text("kubernetes", "1.20.2"))"},
             "apiEndpoint": {"host": "\(text("host", "192.0.2.9"))"},
             "features": {"encryptionProviders": {"enable": true, "\(text("field", "enable2"))": 1}},
             "controlPlane": {"hosts": [{"publicAddress": "\(text("publicAddress", "192.0.2.1"))",
             "hostname": "\(text("hostname", "cp1"))", "sshUsername": "\(text("sshUsername", "root"))",
             "bastion": "\(text("bastion", "192.0.2.2"))", "bastionUser": "\(text("bastionUser", "root"))",
             "sshPrivateKeyFile": "\(text("sshPrivateKeyFile", "/k"))", "sshCertFile": "\(text("sshCertFile", "/c"))",
             "sshAgentSocket": "\(text("sshAgentSocket", "env:A"))",
             "sshHostPublicKey": "\(text("sshHostPublicKey", ""))"}]}}
            """
    }

    private static let fields = [
        "apiVersion", "kind", "name", "host", "field", "publicAddress", "hostname", "sshUsername", "bastion",
        "bastionUser",
        "sshPrivateKeyFile", "sshCertFile", "sshAgentSocket", "sshHostPublicKey",
    ]

    @Test(
        "escape sequences and line feeds in any field => refused, one line a problem, nothing that a terminal acts on",
        arguments: fields)
    func tricks(field: String) {
        let found = problems { () throws(InputError) in _ = try resolve(manifest(field, Self.tricks)) }
        #expect(!found.isEmpty)
        for problem in found {
            #expect(problem.hasPrefix("kubeone.yaml:"))
            let isPlain = problem.unicodeScalars.allSatisfy(\.isPrintable)
            #expect(isPlain, "\(problem.debugDescription)")
        }
    }

    @Test(
        "a cluster's name that would lead out of a directory, or be an option => refused",
        arguments: ["..", "../x", ".", "/etc", "a/../b", "-a", "a\\u0000b", "a b", "~", "a..b", "%2e%2e"])
    func clusterName(name: String) {
        let advice = "is not a cluster name: lower-case letters, digits, \"-\" and \".\" are accepted"
        let text = manifest("name", name)
        let found = problems { () throws(InputError) in _ = try resolve(text) }
        let terraform = #"{"kubeone_hosts":{"value":{"control_plane":{"cluster_name":"\#(name)"}}}}"#
        let others = problems { () throws(InputError) in
            _ = try TerraformOutput(parsing: Array(terraform.utf8), file: "output.json")
        }
        for problems in [found, others] {
            let isNamed = problems.contains { $0.hasSuffix(advice) }
            #expect(isNamed, "\(problems)")
        }
    }

    @Test(
        "a file without end, or of another kind => refused in a moment, with its name",
        arguments: ["/dev/zero", "/dev/full", "/", "/proc/self/mem"])
    func files(path: String) {
        let manifest = problems { () throws(InputError) in _ = try KubeOneManifest(contentsOf: path) }
        let terraform = problems { () throws(InputError) in _ = try TerraformOutput(contentsOf: path) }
        #expect(manifest.count == 1 && manifest[0].hasPrefix("\(path): "))
        #expect(terraform.count == 1 && terraform[0].hasPrefix("\(path): "))
    }

    @Test("bytes that are no text => refused with the file's name")
    func bytes() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "hostile-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        for bytes: [UInt8] in [
            [0xC3, 0x28], [0xFF, 0xFE, 0x61, 0x00], [0xED, 0xA0, 0x80], [0x61, 0x00, 0x62], [0xF4, 0x90, 0x80, 0x80],
        ] {
            try Data(bytes).write(to: file)
            for found in [
                problems { () throws(InputError) in _ = try KubeOneManifest(contentsOf: file.path) },
                problems { () throws(InputError) in _ = try TerraformOutput(contentsOf: file.path) },
            ] {
                #expect(found.count == 1 && found[0].hasPrefix(file.path), "\(found)")
            }
        }
    }

    @Test("a Terraform output whose values are of other types => refused at their places")
    func types() {
        for value in [
            "7", "null", "[[]]", #"{"a":1}"#, #"[{"x":1}]"#, #"["192.0.2.1",["192.0.2.2"]]"#, "[1e999]", #""x""#,
        ] {
            let text =
                #"{"kubeone_hosts":{"value":{"control_plane":{"cluster_name":"k1","public_address":\#(value)}}}}"#
            let found = problems { () throws(InputError) in
                _ = try resolve("{apiVersion: kubeone.k8c.io/v1beta2, kind: KubeOneCluster, name: k1}", text)
            }
            #expect(!found.isEmpty, "\(value)")
        }
    }
}
