import ArgumentParser
import Testing

@testable import AtRestCommands

@Suite("--help") struct HelpTests {
    /// The root command and everything below it.
    static let commands = below(AtRest.self)

    private static func below(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        [command] + command.configuration.subcommands.flatMap(below)
    }

    private static func lines(_ command: any ParsableCommand.Type) -> [Substring] {
        AtRest.helpMessage(for: command, columns: 80).split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test("the commands => all of them are looked at")
    func names() {
        let names = Self.commands.map { $0.configuration.commandName ?? "\($0)" }
        #expect(Set(names).isSuperset(of: ["atrest", "apply", "plan", "status", "verify", "validate", "keys", "list"]))
    }

    @Test("any command => no line is wider than 80 columns", arguments: commands.indices)
    func width(index: Int) {
        for line in Self.lines(Self.commands[index]) { #expect(line.count <= 80, "\(line)") }
    }

    @Test("any command => it says what it does, and what each flag and argument is for", arguments: commands.indices)
    func described(index: Int) {
        let lines = Self.lines(Self.commands[index])
        #expect(lines.first?.hasPrefix("OVERVIEW: ") == true)
        for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("  -") || line.hasPrefix("  <") {
            let text = line.trimmingPrefix(#/  (-\w, )?(--?[\w-]+)?( ?<[\w-]+>)?/#)
            #expect(text.contains { $0 != " " } || next.hasPrefix(String(repeating: " ", count: 26)), "\(line)")
        }
    }

    @Test("--version => the version, and the commit or that it is unknown")
    func version() {
        #expect(
            AtRest.configuration.version.wholeMatch(
                of: #/atrest \d+\.\d+\.\d+ \((unknown commit|[0-9a-f]{7,}(, with uncommitted changes)?)\)/#) != nil)
    }
}
