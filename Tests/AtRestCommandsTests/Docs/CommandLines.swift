import ArgumentParser

@testable import AtRestCommands

/// A command line of atrest in a document.
struct DocumentedCommand: CustomStringConvertible {
    /// `docs/apply.md:12`.
    let place: String
    /// Without atrest itself.
    let arguments: [String]

    var description: String { "\(place): atrest \(arguments.joined(separator: " "))" }
}

extension DocumentedCommand {
    /// All command lines of a document: in code blocks and code spans of a page, anywhere in another file.
    static func all(in path: String) throws -> [DocumentedCommand] {
        let text = try Repository.text(path)
        if path.hasSuffix(".md") { return all(in: MarkdownPage(path: path, text: text)) }
        return all(in: path, lines: text)
    }

    /// In a manual page what stands behind a request is no command line, but for a line of a display.
    static func all(in path: String, lines text: String) -> [DocumentedCommand] {
        let isManual = path.contains("/man/")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            var line = String(line)
            if isManual, line.hasPrefix("."), !line.hasPrefix(".Dl ") { line = "" }
            if isManual { line.replace(#/\\e$/#, with: "\\") }
            return MarkdownPage.Line(number: index + 1, text: line)
        }
        return all(in: lines, path: path)
    }

    static func all(in page: MarkdownPage) -> [DocumentedCommand] {
        let code = page.codeBlocks.filter { $0.language != "text" }.flatMap { all(in: $0.typed, path: page.path) }
        return code + page.codeSpans.flatMap { all(in: [$0], path: page.path) }
    }

    private static func all(in lines: [MarkdownPage.Line], path: String) -> [DocumentedCommand] {
        lines.joined.flatMap { line in
            ShellLine(line.text).commands.compactMap(arguments).map { arguments in
                DocumentedCommand(place: "\(path):\(line.number)", arguments: arguments)
            }
        }
    }

    /// Nil where a simple command does not run atrest: one that only names it, as `pgrep -x atrest`, does not.
    private static func arguments(of command: [String]) -> [String]? {
        let known = AtRest.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        for (index, word) in command.enumerated() where word == "atrest" || word.hasSuffix("/atrest") {
            let arguments = Array(command[(index + 1)...])
            let isFirst = command[..<index].allSatisfy { ["$", "-", "sudo"].contains($0) || $0.contains("=") }
            let isRun = arguments.first.map { $0.hasPrefix("-") || known.contains($0) } ?? false
            if isFirst || isRun { return arguments }
        }
        return nil
    }
}

extension MarkdownPage.CodeBlock {
    /// What is typed: the lines behind a prompt with those that they go on with, or all where there is no prompt.
    var typed: [MarkdownPage.Line] {
        guard lines.contains(where: { $0.text.hasPrefix("$ ") }) else { return lines }
        var goesOn = false
        return lines.filter { line in
            let isTyped = goesOn || line.text.hasPrefix("$ ")
            goesOn = isTyped && line.text.hasSuffix("\\")
            return isTyped
        }
    }
}

extension [MarkdownPage.Line] {
    /// With each line that ends in a backslash and the next as one.
    fileprivate var joined: [MarkdownPage.Line] {
        reduce(into: []) { lines, line in
            if let last = lines.last, last.text.hasSuffix("\\") {
                lines[lines.count - 1] = MarkdownPage.Line(
                    number: last.number, text: "\(last.text.dropLast()) \(line.text)")
            } else {
                lines.append(line)
            }
        }
    }
}
