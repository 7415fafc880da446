import ArgumentParser
import FoundationEssentials

@testable import AtRestCommands

/// A command and its options, as the parser describes itself.
struct DumpedCommand: Decodable {
    let commandName: String
    let arguments: [Argument]?
    let subcommands: [DumpedCommand]?

    struct Argument: Decodable {
        let names: [Name]?
        let kind: String
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool
        let abstract: String?
        let discussion: String?
    }

    struct Name: Decodable {
        let kind: String
        let name: String

        var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    static func root() throws -> DumpedCommand {
        struct Tool: Decodable {
            let command: DumpedCommand
        }
        return try JSONDecoder().decode(Tool.self, from: Data(AtRest._dumpHelp().utf8)).command
    }

    /// The commands that do something, by the words that one types for them.
    var leaves: [(name: String, arguments: [Argument])] {
        guard let subcommands, !subcommands.isEmpty else { return [(commandName, arguments ?? [])] }
        return subcommands.filter { $0.commandName != "help" }.flatMap { command in
            command.leaves.map { leaf in
                (command.subcommands == nil ? leaf.name : "\(command.commandName) \(leaf.name)", leaf.arguments)
            }
        }
    }
}

extension DumpedCommand.Argument {
    /// `-m, --manifest <file>`.
    private var usage: String {
        let names = (names ?? []).sorted { $0.text.count < $1.text.count }.map(\.text).joined(separator: ", ")
        let value = kind == "flag" ? "" : "<\(valueName ?? "value")>"
        return [names, value].filter { !$0.isEmpty }.joined(separator: " ") + (isRepeating ? " …" : "")
    }

    /// The row of docs/reference.md up to the commands: the option, its default, what it is for.
    var row: String {
        let values = allValues.map { ["One of " + $0.map { "`\($0)`" }.joined(separator: ", ") + "."] } ?? []
        let words = ([abstract, discussion].compactMap(\.self) + values).joined(separator: " ")
        let value = kind == "positional" && !isOptional ? "needed" : defaultValue.map { "`\($0)`" } ?? ""
        return "| `\(usage)` | \(value) | \(words.replacing("|", with: "\\|").replacing("\n", with: " ")) |"
    }
}
