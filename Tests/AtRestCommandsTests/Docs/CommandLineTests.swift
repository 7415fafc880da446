import ArgumentParser
import Subprocess
import SystemPackage
import Testing

@testable import AtRestCommands

@Suite("Command lines in documents") struct CommandLineTests {
    /// Why the parser does not take a command line; nil where it does.
    private static func complaint(_ arguments: [String]) -> String? {
        do {
            _ = try AtRest.parseAsRoot(arguments)
            return nil
        } catch {
            // --help and --version end a run, too.
            return AtRest.exitCode(for: error) == .success ? nil : AtRest.message(for: error)
        }
    }

    @Test("every one in README, docs and examples => the parser takes it")
    func parsed() throws {
        // Many stand on several pages.
        let commands = Dictionary(
            grouping: try Repository.documents().flatMap(DocumentedCommand.all), by: \.arguments)
        for (arguments, places) in commands {
            guard let complaint = Self.complaint(arguments) else { continue }
            for command in places { Issue.record("\(command): \(complaint)") }
        }
    }

    @Test(
        "a document that is known to have some => they are found",
        arguments: [
            ("README.md", ["apply", "-m", "kubeone.yaml", "-t", "output.json", "--force-upgrade"]),
            ("docs/runbooks/restore.md", ["keys", "list", "~/atrest-keys", "--key", "archive.key"]),
            ("examples/terraform/README.md", ["apply", "-m", "kubeone.yaml", "-t", "-", "--force-upgrade", "-y"]),
            ("examples/terraform/README.md", ["plan", "-m", "kubeone.yaml", "-t", ".", "--detailed-exitcode"]),
        ])
    func found(document: String, arguments: [String]) throws {
        #expect(try DocumentedCommand.all(in: document).contains { $0.arguments == arguments })
    }

    @Test(
        "what a shell does not give to atrest => no argument; what only names atrest => no command line",
        arguments: [
            ("atrest plan -t - | tee plan.txt 2>&1 && echo done", [["plan", "-t", "-"]]),
            ("terraform output -json | sudo atrest plan -t -   # looks", [["plan", "-t", "-"]]),
            ("$ A=1 /usr/bin/atrest status -o json 2>errors > status.json", [["status", "-o", "json"]]),
            ("ExecStart=/usr/bin/atrest verify -m 'a b.yaml'", [["verify", "-m", "a b.yaml"]]),
            ("verdict=$(atrest verify -o json)", [["verify", "-o", "json"]]),
            ("atrest keys list \"$(pwd)\" -o json", [["keys", "list", "$(pwd)", "-o", "json"]]),
            ("sh -c \"atrest status -m \\\"$M\\\"\"", [["status", "-m", "$M"]]),
            ("    - strace -o trace.txt atrest apply --wrong", [["apply", "--wrong"]]),
            ("cat /proc/$(pgrep -x atrest)/limits; man atrest", []),
            ("install -m 755 .build/release/atrest /usr/local/bin/", []),
            ("# atrest does not do that", []),
        ] as [(String, [[String]])])
    func shell(line: String, arguments: [[String]]) {
        let page = MarkdownPage(path: "page.md", text: "```\n\(line)\n```\n")
        #expect(DocumentedCommand.all(in: page).map(\.arguments) == arguments)
    }

    @Test("a block with prompts => what is printed is no command line; a line that goes on is one with the next")
    func prompts() {
        let page = MarkdownPage(
            path: "page.md",
            text: """
                ```
                $ atrest plan \\
                    -m a.yaml
                atrest says something
                ```

                In prose `atrest apply
                -y` is one, and atrest alone is none.

                1. ```
                   atrest status
                   ```
                """)
        let found = DocumentedCommand.all(in: page)
        #expect(found.map(\.arguments) == [["plan", "-m", "a.yaml"], ["status"], ["apply", "-y"]])
        #expect(found.map(\.place) == ["page.md:2", "page.md:11", "page.md:7"])
    }

    @Test("a manual page => its displays have command lines, its requests have none")
    func manual() {
        let text = """
            .Os "atrest @VERSION@"
            .Dl atrest validate -m a.yaml
            .Bd -literal
            terraform output -json | atrest apply -t - \\e
                -y
            .Ed
            """
        let found = DocumentedCommand.all(in: "docs/man/atrest.1.in", lines: text)
        #expect(found.map(\.arguments) == [["validate", "-m", "a.yaml"], ["apply", "-t", "-", "-y"]])
    }

    @Test("a flag that does not exist => the parser does not take it")
    func wrong() {
        #expect(Self.complaint(["apply", "--force-upgrad"])?.contains("--force-upgrad") == true)
        #expect(Self.complaint(["aply"]) != nil)
        #expect(Self.complaint(["apply", "--rotate-if-older-than", "soon"]) != nil)
    }

    @Test("what is typed in a code block without a language => a shell can read it")
    func syntax() async throws {
        for page in try Repository.pages() {
            for block in page.codeBlocks where block.language.isEmpty {
                let typed = block.typed.map { $0.text.trimmingPrefix("$ ") + "\n" }.joined()
                let check = try await run(
                    .path("/bin/sh"), arguments: ["-n"], input: .string(typed), output: .discarded,
                    error: .string(limit: 10000))
                #expect(
                    check.terminationStatus.isSuccess,
                    """
                    \(page.path):\(block.lines.first?.number ?? 0): \(check.standardError)If nobody types this, open the block \
                    with ```text
                    """)
            }
        }
    }

    @Test("a script of this repository in a code block => it can be run, and knows its first argument")
    func scripts() throws {
        var found: Set<String> = []
        for page in try Repository.pages() {
            for line in page.codeBlocks.filter({ $0.language != "text" }).flatMap(\.lines) {
                for words in ShellLine(line.text).commands where words[0].hasPrefix("scripts/") {
                    let place = "\(page.path):\(line.number): \(words[0])"
                    found.insert(words[0])
                    #expect(Repository.isExecutable(words[0]), "\(place)")
                    guard words.count > 1, Repository.exists(words[0]) else { continue }
                    #expect(try Repository.text(words[0]).contains(words[1]), "\(place) does not know \(words[1])")
                }
            }
        }
        #expect(found.isSuperset(of: ["scripts/demo", "scripts/test", "scripts/sandbox"]))
    }
}
