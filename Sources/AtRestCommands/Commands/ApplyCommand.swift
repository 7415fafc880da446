internal import ArgumentParser

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Bring the cluster to what the manifest declares.",
        usage: "atrest apply [<options>]")

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Connection") var ssh: SSHOptions
    @OptionGroup(title: "Key") var key: KeyOptions
    @OptionGroup(title: "Changes") var change: ChangeOptions
    @OptionGroup(title: "Key archive") var keyArchive: KeyArchiveOptions
    @OptionGroup(title: "Restored data") var archivedKeys: ArchivedKeysOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let run = Run(input: input, ssh: ssh, output: output, limits: change.limits)
        try await run.execute(key, archivedKeys, keyArchive: keyArchive) { outage in
            try await outage.end(change)
        } _: { planned in
            try await planned.apply(change)
        }
    }
}
