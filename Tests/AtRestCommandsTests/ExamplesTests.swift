import ControlPlane
import FoundationEssentials
import Manifest
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite("examples/") struct ExamplesTests {
    private static let directory =
        (#filePath as String).replacing(#/Tests\/.*/#, with: "examples")

    /// Every manifest there, and what each comes to.
    static let expected = [
        "kubeone.yaml": "managed",
        "custom.yaml": "  secrets: write secretbox:key-1, read identity\n",
        "several-resources.yaml":
            "  secrets: write aescbc:secrets-1, read identity\n  configmaps: write secretbox:configmaps-1, read identity\n",
        "aws-kms.yaml": "  secrets: write kms:aws-encryption-provider, read identity\n",
        "kms.yaml":
            "  secrets: write kms:kms-2026, read identity\n  configmaps: write kms:kms-2026, read identity\n",
    ]

    @Test("every manifest => valid, and as it says")
    func valid() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.directory).filter { $0.hasSuffix(".yaml") }
        #expect(names.sorted() == Self.expected.keys.sorted())
        for name in names {
            let text = try String(contentsOfFile: "\(Self.directory)/\(name)", encoding: .utf8)
            switch try DeclaredEncryption(try KubeOneManifest(parsing: text, file: name).encryption) {
            case .disabled: Issue.record("\(name) encrypts nothing")
            case .managed: #expect(Self.expected[name] == "managed")
            case .custom(let declared): #expect(Self.expected[name] == CustomText.render(declared.file.configuration))
            }
        }
    }
}
