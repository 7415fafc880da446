internal import ArgumentParser
internal import ControlPlane
internal import Logging
internal import Reconciliation

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Look at a key archive.", subcommands: [KeysListCommand.self])
}

struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys of an archive; no network, and never a secret.",
        discussion: """
            Without --key the list says what the files' names and first lines say. With it every file is opened, and the list \
            says what is in them; one that the key does not open is named, and the exit code is 1.
            """)

    @Argument(help: ArgumentHelp("The archive.", valueName: "dir"), completion: .directory) var directory: String
    @Option(
        help: ArgumentHelp("Open the files with this private key in PEM.", valueName: "file"), completion: .file())
    var key: String?
    @Option(name: .shortAndLong, help: "Format of the list.") var output = OutputFormat.text

    func run() async throws {
        let log = RunLog()
        try await StopRequest(log: log).reportingFailures {
            let files = try KeyArchive.files(in: directory)
            guard let key else {
                Console.write(try KeyList(rows: files.map { KeyList.Row($0, $0.label, hosts: nil) }).render(output))
                return .done
            }
            let privateKey = try DecryptionKey(contentsOf: key)
            var rows: [KeyList.Row] = []
            var failures: [any Error] = []
            for file in files {
                do {
                    let opened = try file.open(with: privateKey)
                    rows.append(KeyList.Row(file, opened.label, hosts: opened.hosts.map(\.text)))
                } catch {
                    failures.append(error)
                }
            }
            Console.write(try KeyList(rows: rows).render(output))
            for failure in failures { log.tell(.error, "\(failure)") }
            return failures.isEmpty ? .done : .failed
        }
    }
}
