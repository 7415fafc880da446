import Manifest
import Reconciliation
import Testing

/// Inputs cut off or garbled at each byte.
@Suite struct DamageTests {
    private static let garbage: [UInt8] = [0x00, 0x0A, 0x22, 0x25, 0x2D, 0x5C, 0x80]

    @Test("a manifest damaged anywhere => problems with places, or an inventory that is safe for ssh")
    func manifest() throws {
        for bytes in damaged(try Fixtures.bytes("manifests/all-fields.yaml")) {
            check { () throws(InputError) in
                let text = String(decoding: bytes, as: UTF8.self)
                let manifest = try KubeOneManifest(parsing: text, file: "kubeone.yaml")
                return try Inventory.resolve(
                    manifest: manifest, terraform: nil, surroundings: Fixtures.surroundings)
            }
        }
    }

    @Test("a Terraform output damaged anywhere => problems with places, or an inventory that is safe for ssh")
    func terraform() throws {
        let manifest = try KubeOneManifest(parsing: Fixtures.text("manifests/v1beta1.yaml"), file: "kubeone.yaml")
        for bytes in damaged(try Fixtures.bytes("terraform/array-of-groups.json")) {
            check { () throws(InputError) in
                let output = try TerraformOutput(parsing: bytes, file: "output.json")
                return try Inventory.resolve(
                    manifest: manifest, terraform: output, surroundings: Fixtures.surroundings)
            }
        }
    }

    @Test("a Terraform output cut off before its last brace => refused")
    func truncated() throws {
        let bytes = try Fixtures.bytes("terraform/array-of-groups.json")
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for length in 0...end {
            let found = problems { () throws(InputError) in
                _ = try TerraformOutput(parsing: Array(bytes.prefix(length)), file: "output.json")
            }
            #expect(found.count == 1, "\(length) bytes")
        }
    }

    private func damaged(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.indices.flatMap { index in
            var garbled = bytes
            garbled[index] = Self.garbage[index % Self.garbage.count]
            return [garbled, Array(bytes[..<index])]
        }
    }

    private func check(_ read: () throws(InputError) -> Inventory) {
        do throws(InputError) {
            for host in try read().hosts {
                #expect(values(of: host).allSatisfy(isSafe), "\(host)")
            }
        } catch {
            #expect(!error.problems.isEmpty)
            #expect(error.problems.allSatisfy { !$0.text.isEmpty && !$0.place.file.isEmpty })
        }
    }

    private func values(of host: Host) -> [String] {
        let bastion = host.ssh.bastion
        return [host.name.text, host.address, host.privateAddress, host.ssh.user]
            + [host.ssh.privateKeyFile, host.ssh.certificateFile, host.ssh.agentSocket, host.ssh.hostKey]
            .compactMap { $0 }
            + [bastion?.address, bastion?.user, bastion?.privateKeyFile, bastion?.hostKey].compactMap { $0 }
    }

    private func isSafe(_ value: String) -> Bool {
        !value.isEmpty && !value.hasPrefix("-")
            && value.unicodeScalars.allSatisfy { !"%$`\"'\\".unicodeScalars.contains($0) && $0.value >= 0x20 }
    }
}
