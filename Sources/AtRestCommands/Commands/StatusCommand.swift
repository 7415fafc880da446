internal import ArgumentParser

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is live: hosts, keys, what is stored under which key; changes nothing.",
        usage: "atrest status [<options>]",
        discussion: "The exit code is 0 where nothing is wrong, 1 where something is, and 4 where nothing can be seen.")

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Connection") var ssh: SSHOptions
    @Option(name: [.customShort("o"), .customLong("output")], help: "Format of the status.")
    var format = OutputFormat.text
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let format = format
        try await Look.execute(input, ssh, output) { look in
            let report = StatusReport(
                clusterName: look.clusterName, declared: EncryptionMode(look.declaration.encryption),
                sighting: look.sighting, now: look.now)
            switch format {
            case .text: Console.write(StatusText(report: report).render())
            case .json: Console.write(try jsonText(StatusJSON(report)))
            }
            return report.isHealthy ? .done : .failed
        }
    }
}
