import Subprocess
import SystemPackage

/// What a finished program left behind.
struct Finished: Sendable {
    let status: Int32
    let output: String
    let errors: String
}

/// Runs a program to its end with its output collected.
func command(
    _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
) async throws -> Finished {
    let result = try await run(
        program.hasPrefix("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
        environment: .inherit.updating(environment.asUpdates), input: .string(input), output: .string(limit: 64 << 20),
        error: .string(limit: 16 << 20))
    return Finished(status: result.terminationStatus.code, output: result.standardOutput, errors: result.standardError)
}

extension TerminationStatus {
    /// As a shell says it: 128 and the number of the signal that ended the program.
    var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}

/// A program of the tests' own that did not do what it must.
struct CommandFailed: Error, CustomStringConvertible {
    let description: String
}

extension Finished {
    /// The output of a program that must succeed.
    func checked(_ what: String) throws -> String {
        guard status == 0 else {
            throw CommandFailed(description: "\(what): exit \(status): \(errors.suffix(2000)) \(output.suffix(500))")
        }
        return output
    }
}

extension [String: String] {
    /// As Subprocess takes changes to an environment.
    var asUpdates: [Environment.Key: String?] {
        reduce(into: [:]) { updates, entry in
            if let key = Environment.Key(rawValue: entry.key) { updates[key] = entry.value }
        }
    }
}
