internal import ArgumentParser
internal import Manifest
internal import Reconciliation

/// `-m` and `-t`: what the operator declares.
struct InputOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp("Path of the KubeOneCluster manifest.", valueName: "file"))
    var manifest = "./kubeone.yaml"

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp("Terraform output as JSON: a file, or - for standard input.", valueName: "file"))
    var tfjson: String?

    /// Reads both; touches no host.
    func read() throws -> Declaration {
        let manifest = try KubeOneManifest(contentsOf: manifest)
        let terraform = try tfjson.map { try TerraformOutput(contentsOf: $0) }
        return try Declaration(manifest: manifest, terraform: terraform)
    }
}
