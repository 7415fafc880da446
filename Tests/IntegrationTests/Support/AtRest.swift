import FoundationEssentials
import Subprocess
import Synchronization
import SystemPackage

/// Runs of the atrest program that was built, as an operator on this machine starts them.
struct AtRest: Sendable {
    static let binary = testEnvironment("ATREST_BINARY") ?? Sandbox.root + "/.build/debug/atrest"

    /// An empty home of the operator's own: what a run leaves on the operator's disk is all in it.
    let home: String
    /// What the operator's shell gives a run beside that of the tests.
    let environment: [String: String]

    init(_ more: [String: String] = [:]) throws {
        home = try makeTemporaryDirectory("operator")
        for directory in ["tmp", "run"] {
            try FileManager.default.createDirectory(
                atPath: "\(home)/\(directory)", withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
        }
        environment = [
            "HOME": home, "TMPDIR": home + "/tmp", "XDG_RUNTIME_DIR": home + "/run", "SSH_AUTH_SOCK": "",
        ].merging(more) { $1 }
    }

    /// The arguments of a run that is allowed everything and asks nothing.
    static func applying(
        manifest: String = Sandbox.manifest, output: String = Sandbox.terraformOutput
    ) -> [String] {
        ["apply", "--force-upgrade", "-y"] + inputs(manifest: manifest, output: output)
    }

    static func inputs(
        manifest: String = Sandbox.manifest, output: String = Sandbox.terraformOutput
    ) -> [String] {
        ["--manifest", manifest, "--tfjson", output]
    }

    func callAsFunction(_ arguments: [String]) async throws -> Finished {
        try await command(Self.binary, arguments, environment: environment)
    }

    /// The same under an strace of it and of all that it starts; `trace` is what leaks.py reads.
    func traced(_ arguments: [String]) async throws -> (run: Finished, trace: String) {
        let trace = home + "/trace"
        let calls = "execve,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg"
        let flags = ["-f", "--seccomp-bpf", "-y", "-xx", "-s", "1000000", "-e", "trace=\(calls)", "-o", trace]
        let run = try await command("strace", flags + [Self.binary] + arguments, environment: environment)
        return (run, trace)
    }

    /// What to do with a run that has just written a line.
    enum Reaction: Sendable {
        case goOn
        /// SIGKILL, with nothing left to it.
        case kill
        /// SIGINT as Ctrl-C sends it: to everything in the foreground.
        case interrupt
        /// SIGSTOP, and SIGCONT behind the body.
        case freeze(@Sendable () async throws -> Void)
        /// Something happens to it, or to what it works with; true where that has killed it.
        case disturb(@Sendable (_ process: Int32) async throws -> Bool)
    }

    /// What was seen of a run that was watched.
    struct Watched: Sendable {
        /// 128 and the signal's number where it was killed.
        let status: Int32
        let output: String
        /// Standard error, as far as it was read.
        let lines: [String]
    }

    /// Starts a run and shows every line on its standard error to `react`, until it ends or is killed.
    func watched(
        _ arguments: [String], _ react: @escaping @Sendable (String) async throws -> Reaction
    ) async throws -> Watched {
        var foreground = PlatformOptions()
        foreground.processGroupID = 0
        let result = try await run(
            .path(FilePath(Self.binary)), arguments: Arguments(arguments),
            environment: .inherit.updating(environment.asUpdates), platformOptions: foreground, input: .none,
            output: .string(limit: 1 << 20), error: .sequence
        ) { execution in
            var lines: [String] = []
            for try await line in execution.standardError.strings() {
                lines.append(line)
                switch try await react(line) {
                case .goOn: break
                case .kill:
                    try execution.send(signal: .kill)
                    return lines
                case .interrupt: try execution.send(signal: .interrupt, toProcessGroup: true)
                case .freeze(let body):
                    try execution.send(signal: .suspend)
                    let result = await Result { try await body() }
                    try execution.send(signal: .resume)
                    try result.get()
                case .disturb(let body):
                    // What it started may keep its standard error open for longer.
                    if try await body(execution.processIdentifier.value) { return lines }
                }
            }
            return lines
        }
        return Watched(
            status: result.terminationStatus.code, output: result.standardOutput, lines: result.closureResult)
    }
}

extension AtRest {
    /// Whether a process of ours runs, be it stopped; one that has ended and was not waited for does not.
    static func isAlive(_ process: Int32) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")) != nil
    }
}

/// A fresh directory of this test's own.
func makeTemporaryDirectory(_ name: String) throws -> String {
    let path = FileManager.default.temporaryDirectory
        .appending(path: "\(name)-\(UInt64.random(in: .min ... .max))").path
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    return path
}
