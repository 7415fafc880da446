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
    @OptionGroup(title: "Restored data") var archivedKeys: ArchivedKeysOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await Run(input: input, ssh: ssh, output: output).execute(key, archivedKeys) { outage in
            Console.write(outage.text)
            return detailedExitcode ? .changes : .done
        } _: { planned in
            Console.write(planned.text)
            return detailedExitcode && !planned.plan.isEmpty ? .changes : .done
        }
    }
}
