internal import ArgumentParser

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check the manifest and the Terraform output; no network.",
        usage: "atrest validate [<options>]",
        discussion: "The exit code is 0 where both are valid, and 4 where they are not.")

    @OptionGroup(title: "Input") var input: InputOptions
    @Option(name: [.customShort("o"), .customLong("output")], help: "Format of what was read.")
    var format = OutputFormat.text
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (input, format, log) = (input, format, output.makeLog())
        try await StopRequest(log: log).reportingFailures {
            let declared = try await input.read(log)
            switch format {
            case .text: Console.write(ValidationText(declared: declared).render())
            case .json: Console.write(try jsonText(ValidationJSON(declared)))
            }
            return .done
        }
    }
}
