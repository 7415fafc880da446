import Foundation
import PackagePlugin

/// Writes the commit that is built, for `atrest --version`.
///
/// git is asked again where HEAD moved or a source changed; the generated file changes only with git's answer.
@main
struct BuildCommit: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL
        let script = package.appending(path: "scripts/write-commit")
        let generated = context.pluginWorkDirectoryURL.appending(path: "BuildCommit.swift")
        let sources = context.package.sourceModules
            .filter { $0.kind != .test }
            .flatMap { $0.sourceFiles.map(\.url) }
        let asked = [script, package.appending(path: "Package.swift")] + sources
        return [
            .buildCommand(
                displayName: "Asking git for the commit",
                executable: URL(filePath: "/bin/sh"),
                arguments: [script.path, generated.path],
                inputFiles: try asked + headFiles(of: package),
                outputFiles: [generated])
        ]
    }

    /// What git writes when HEAD becomes another commit: elsewhere for a worktree, nowhere in an unpacked archive.
    private func headFiles(of package: URL) throws -> [URL] {
        var git = package.appending(path: ".git")
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: git.path, isDirectory: &isDirectory) else { return [] }
        if !isDirectory.boolValue {
            let link = try String(contentsOf: git, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            git = URL(filePath: String(link.trimmingPrefix("gitdir: ")), relativeTo: package)
        }
        return ["HEAD", "logs/HEAD"]
            .map { git.appending(path: $0) }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }
}
