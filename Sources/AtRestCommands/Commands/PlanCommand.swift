internal import ArgumentParser
internal import Reconciliation

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what apply would do; changes nothing.")

    @OptionGroup(title: "Input") var input: InputOptions
    @Flag(name: .long, help: "Plan the replacement of the key.") var rotateEncryptionKey = false
    @Flag(name: .long, help: "Exit 2 where there are changes.") var detailedExitcode = false
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await Run(input: input, output: output).execute(rotate: rotateEncryptionKey) { planned in
            Console.write(planned.text)
            return detailedExitcode && !planned.plan.isEmpty ? .changes : .done
        }
    }
}
