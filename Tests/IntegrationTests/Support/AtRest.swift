import FoundationEssentials
import Subprocess
import Synchronization
import SystemPackage

/// Runs of the atrest program that was built, as an operator on this machine starts them.
struct AtRest: Sendable {
    static let binary = testEnvironment("ATREST_BINARY") ?? Sandbox.root + "/.build/debug/atrest"

    /// An empty home of the operator's own: what a run leaves on the operator's disk is all in it.
    let home: String

    init() throws {
        home = try makeTemporaryDirectory("operator")
        for directory in ["tmp", "run"] {
            try FileManager.default.createDirectory(
                atPath: "\(home)/\(directory)", withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        }
    }

    var environment: [String: String] {
        ["HOME": home, "TMPDIR": home + "/tmp", "XDG_RUNTIME_DIR": home + "/run", "SSH_AUTH_SOCK": ""]
    }

    static func inputs(
        manifest: String = Sandbox.manifest, output: String = Sandbox.terraformOutput
    ) -> [String] {
        ["--manifest", manifest, "--tfjson", output]
    }

    func callAsFunction(_ arguments: [String]) async throws -> Finished {
        try await command(Self.binary, arguments, environment: environment)
    }

    /// Starts a run and kills it, with nothing left to it, as soon as `isTime` says so of a line on standard error.
    ///
    /// - Returns: everything that it had written to standard error.
    func killed(_ arguments: [String], when isTime: @escaping @Sendable (String) -> Bool) async throws -> String {
        let result = try await run(
            .path(FilePath(Self.binary)), arguments: Arguments(arguments),
            environment: .inherit.updating(environment.asUpdates), input: .none, output: .discarded, error: .sequence
        ) { execution in
            var seen = ""
            for try await line in execution.standardError.strings() {
                seen += line + "\n"
                if isTime(line) {
                    try execution.send(signal: .kill)
                    break
                }
            }
            return seen
        }
        return result.closureResult
    }
}

/// A fresh directory of this test's own.
func makeTemporaryDirectory(_ name: String) throws -> String {
    let path = "/tmp/atrest-test-\(name)-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    return path
}
