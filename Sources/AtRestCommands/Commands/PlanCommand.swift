internal import ArgumentParser
internal import Reconciliation

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what apply would do; changes nothing.",
        usage: "atrest plan [<options>]")

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Connection") var ssh: SSHOptions
    @OptionGroup(title: "Key") var key: KeyOptions
    @Flag(name: .long, help: "Exit 2 where there are changes.") var detailedExitcode = false
    @Option(name: [.customShort("o"), .customLong("output")], help: "Format of the plan.")
    var format = OutputFormat.text
    @OptionGroup(title: "Restored data") var archivedKeys: ArchivedKeysOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let (format, detailedExitcode) = (format, detailedExitcode)
        try await Run(input: input, ssh: ssh, output: output).execute(key, archivedKeys) { outage in
            switch format {
            case .text: Console.write(outage.text)
            case .json: Console.write(try jsonText(outage.json))
            }
            return detailedExitcode ? .changes : .done
        } _: { planned in
            switch format {
            case .text: Console.write(planned.text)
            case .json: Console.write(try jsonText(PlanJSON(planned.report)))
            }
            return detailedExitcode && !planned.plan.isEmpty ? .changes : .done
        }
    }
}
