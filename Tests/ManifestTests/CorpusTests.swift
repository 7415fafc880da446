import Foundation
import Manifest
import Reconciliation
import Testing

/// Files as users and KubeOne's own tests have them: ours, and a public corpus where it lies beside the package.
@Suite struct CorpusTests {
    @Test("every manifest => read, or refused as a template alone")
    func manifests() throws {
        let own = ["v1beta1", "custom", "all-fields"].map { "manifests/\($0).yaml" }
        var texts = try own.map { (name: $0, text: try Fixtures.text($0)) }
        for file in Fixtures.corpus("manifests") {
            texts.append((file.lastPathComponent, try String(contentsOf: file, encoding: .utf8)))
        }
        for (name, text) in texts {
            let found = problems { () throws(InputError) in
                let manifest = try KubeOneManifest(parsing: text, file: name)
                let isEnabled = text.contains("\n    enable: true") && text.contains("encryptionProviders:")
                #expect((manifest.encryption != .disabled) == isEnabled, "\(name)")
            }
            if text.contains("{{ required \"") {
                #expect(found.count == 1 && found[0].hasSuffix("render it first"), "\(name): \(found)")
            } else {
                #expect(found == [], "\(name)")
            }
        }
    }

    @Test("every Terraform output => the hosts that it lists, through its bastion if it has one")
    func terraform() throws {
        var outputs = [(name: "example", bytes: try Fixtures.example("output.json"))]
        for file in Fixtures.corpus("terraform") {
            outputs.append((file.lastPathComponent, [UInt8](try Data(contentsOf: file))))
        }
        for (name, bytes) in outputs {
            let manifest = try KubeOneManifest(
                parsing: try Fixtures.text("manifests/v1beta1.yaml"), file: "kubeone.yaml")
            let output = try TerraformOutput(parsing: bytes, file: name)
            let inventory = try Inventory.resolve(
                manifest: manifest, terraform: output, surroundings: Fixtures.surroundings)
            #expect(inventory.hosts.count == 3, "\(name)")
            #expect(output.apiEndpoint?.text == "198.51.100.10", "\(name)")
            #expect(inventory.hosts.allSatisfy { $0.ssh.user == "ubuntu" }, "\(name)")
            let hasBastion = String(decoding: bytes, as: UTF8.self).contains("\"bastion\"")
            #expect(inventory.hosts.allSatisfy { ($0.ssh.bastion != nil) == hasBastion }, "\(name)")
        }
    }
}
