internal import ArgumentParser

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove under which keys etcd holds what is stored; changes nothing.",
        usage: "atrest verify [<options>]",
        discussion: """
            The exit code is 0 where all is stored as the manifest and the hosts declare it, 1 where something is not, and 4 \
            where that cannot be known. No value leaves etcd. What history may still hold is told, and changes no exit code.
            """)

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Connection") var ssh: SSHOptions
    @Option(name: [.customShort("o"), .customLong("output")], help: "Format of what was found.")
    var format = OutputFormat.text
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let format = format
        try await Look.execute(input, ssh, output, asProof: true) { look in
            let report = VerifyReport(
                clusterName: look.clusterName, declared: look.declaration.encryption, sighting: look.sighting)
            switch format {
            case .text: Console.write(VerifyText(report: report).render())
            case .json: Console.write(try jsonText(VerifyJSON(report)))
            }
            switch report.verdict {
            case .proved: return .done
            case .different: return .failed
            case .unproved: return .refused
            }
        }
    }
}
