internal import ArgumentParser
internal import Manifest
internal import Reconciliation

/// `-m` and `-t`: what the operator declares.
struct InputOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp("Path of the KubeOneCluster manifest.", valueName: "file"),
        completion: .file())
    var manifest = "./kubeone.yaml"

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp(
            "Terraform output as JSON: a file, - for standard input, or a directory to run terraform output -json in.",
            valueName: "path"),
        completion: .file())
    var tfjson: String?

    /// Reads both; touches no host.
    ///
    /// What Terraform says joins a log that is for programs.
    func read(_ log: RunLog) async throws -> Declaration {
        let manifest = try KubeOneManifest(contentsOf: manifest)
        let terraform: TerraformOutput? =
            if let tfjson { try await TerraformOutput.read(tfjson, telling: log.lineTeller) } else { nil }
        return try Declaration(manifest: manifest, terraform: terraform)
    }
}
