import Manifest
import Testing

@testable import AtRestCommands

@Suite("Manifests and output in documents") struct DocumentedOutputTests {
    /// What `validate` prints for an example, as if it stood in the working directory as `kubeone.yaml`.
    private static func validating(
        _ example: String, _ change: (String) -> String = { $0 }
    ) throws -> String {
        let declared = try Declaration(
            manifest: try KubeOneManifest(
                parsing: change(try Repository.text("examples/\(example)")), file: "kubeone.yaml"),
            terraform: try TerraformOutput(
                parsing: Array(try Repository.text("examples/output.json").utf8), file: "output.json"))
        return ValidationText(declared: declared).render()
    }

    private static func blocks(of page: String) throws -> [String] {
        try MarkdownPage(page).codeBlocks.map { $0.lines.map { $0.text + "\n" }.joined() }
    }

    @Test("what validate prints => as the pages show it")
    func validate() throws {
        #expect(try Self.blocks(of: "docs/validate.md").contains(try Self.validating("kubeone.yaml")))
        let disabled = try Self.validating("kubeone.yaml") { $0.replacing("enable: true", with: "enable: false") }
        let several = try Self.validating("several-resources.yaml")
        for (page, output) in [("disable", disabled), ("custom", several)] {
            let shown = try Self.blocks(of: "docs/runbooks/\(page).md").filter { $0.hasPrefix("Wanted: ") }
            #expect(!shown.isEmpty && shown.allSatisfy { output.contains($0) }, "\(page): \(output)")
        }
    }

    @Test("a manifest, or its features, on a page => atrest takes it")
    func manifests() throws {
        var found: [String] = []
        for page in try Repository.pages() {
            for block in page.codeBlocks where block.language == "yaml" {
                let text = block.lines.map { $0.text + "\n" }.joined()
                let isWhole = text.contains("kind: KubeOneCluster")
                guard isWhole || text.hasPrefix("features:") else { continue }
                let head = "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nname: k1\n"
                let manifest = try KubeOneManifest(parsing: isWhole ? text : head + text, file: page.path)
                _ = try DeclaredEncryption(manifest.encryption)
                found.append(page.path)
            }
        }
        #expect(Set(["README.md", "docs/quick-start.md", "docs/kms.md"]).isSubset(of: found))
    }
}
