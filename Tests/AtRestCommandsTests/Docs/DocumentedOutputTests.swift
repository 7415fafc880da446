import Manifest
import Testing

@testable import AtRestCommands

@Suite("Output in documents") struct DocumentedOutputTests {
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
}
