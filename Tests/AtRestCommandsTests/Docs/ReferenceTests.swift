import ArgumentParser
import Manifest
import Testing

@testable import AtRestCommands

/// What docs/reference.md says is what the code has; a failure has the line to add or to remove.
@Suite("docs/reference.md") struct ReferenceTests {
    private static func page() throws -> MarkdownPage { try MarkdownPage("docs/reference.md") }

    /// The row of every option, with all commands that have it just so.
    private static func options() throws -> [String] {
        var commands: [String: [String]] = [:]
        var rows: [String] = []
        let leaves = try DumpedCommand.root().leaves
        for (name, arguments) in leaves {
            for row in arguments.filter(\.shouldDisplay).map(\.row) {
                if commands[row] == nil { rows.append(row) }
                commands[row, default: []].append(name)
            }
        }
        return rows.map { row in
            let names = commands[row, default: []]
            return "\(row) \(names.count == leaves.count ? "all" : names.joined(separator: ", ")) |"
        }
    }

    @Test("every option of every command, with its default, its help and its commands => one line, and no other line")
    func flags() throws {
        let documented = try Self.page().tableRows(below: "## Flags").map(\.text)
        let options = try Self.options()
        #expect(options.contains { $0.hasPrefix("| `-m, --manifest <file>` | `./kubeone.yaml` | ") })
        for row in options where !documented.contains(row) {
            Issue.record("docs/reference.md, below \"## Flags\": add this line\n\(row)")
        }
        for row in documented where !options.contains(row) {
            Issue.record("docs/reference.md, below \"## Flags\": no option is so; remove this line\n\(row)")
        }
        #expect(documented.count == Set(documented).count, "a line stands twice")
    }

    @Test("every exit code => one row, and no other; also in the help")
    func exitCodes() throws {
        let usage = #expect(throws: (any Error).self) { try AtRest.parseAsRoot(["--wrong"]) }
        let codes =
            (Int32(0)...255).compactMap(ExitStatus.init).map(\.rawValue)
            + [AtRest.exitCode(for: try #require(usage)).rawValue]
        let documented = try Self.page().tableRows(below: "## Exit codes").flatMap(\.names).compactMap(Int32.init)
        #expect(documented.sorted() == codes.sorted())
        let help = AtRest.helpMessage()
        for code in codes {
            #expect(help.contains(try Regex("[ (]\(code)[ ;)]").ignoresCase()), "\(code) is not in atrest --help")
        }
    }

    @Test("a table of a command's exit codes => has only codes that atrest ends with")
    func exitCodesElsewhere() throws {
        for page in try Repository.pages() {
            let heading = page.prose.firstIndex { $0.text.hasPrefix("| exit code |") }
            for row in heading.map({ page.prose[($0 + 2)...].prefix { $0.text.hasPrefix("|") } }) ?? [] {
                for code in (row.cells.first ?? "").split(separator: ",") {
                    let number = Int32(code.filter(\.isNumber))
                    #expect(number.flatMap(ExitStatus.init) != nil || number == 64, "\(page.path):\(row.number)")
                }
            }
        }
    }

    @Test("every environment variable of atrest's own => one row; every variable in a row => the code names it")
    func environment() throws {
        let sources = try Repository.files(below: "Sources").filter { $0.hasSuffix(".swift") }.map(Repository.text)
        let own = Set(
            sources.flatMap { $0.matches(of: #/"(ATREST_[A-Z_]+)"/#).map { String($0.output.1) } })
        let documented = try Self.page().tableRows(below: "## Environment variables").flatMap(\.names)
        #expect(own.contains("ATREST_KEY_ARCHIVE"))
        for name in own where !documented.contains(name) {
            Issue.record("docs/reference.md, below \"## Environment variables\": add a row for `\(name)`")
        }
        for name in documented {
            #expect(
                sources.contains { $0.contains("\"\(name)\"") || $0.contains("env:\(name)") }, "nothing reads \(name)")
        }
    }

    @Test("every field of the configuration file => one row, and no other")
    func configuration() throws {
        let documented = try Self.page().tableRows(below: "## Configuration file").flatMap(\.names)
        #expect(documented.sorted() == OperatorConfiguration.fields.sorted())
    }
}
