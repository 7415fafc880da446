internal import ArgumentParser
internal import ControlPlane
internal import Reconciliation

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the manifest and the Terraform output; no network.")

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await StopRequest().reportingFailures {
            let declared = try input.read()
            let hosts = declared.inventory.hosts.map { "\($0.name) (\($0.address))" }.joined(separator: ", ")
            Console.write("Valid: cluster \"\(declared.inventory.clusterName)\", control plane \(hosts).\n")
            if case .custom(let declared) = declared.encryption {
                Console.write("The custom configuration:\n" + CustomText.render(declared.file.configuration))
            }
            return .done
        }
    }
}
