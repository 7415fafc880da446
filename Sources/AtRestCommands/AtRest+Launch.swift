internal import ArgumentParser
internal import ControlPlane
internal import Logging

extension AtRest {
    /// Parses, runs, and ends the process; under `-l json` wrong usage is told as JSON too.
    package static func launch(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never {
        do {
            try CryptoLibrary.leaveMemoryAtExit()
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            exit(withError: nil)
        } catch let error where exitCode(for: error) == .validationFailure && wantsJSON(arguments) {
            let code = ExitCode.validationFailure
            RunLog(format: .json).tell(.error, message(for: error), ["exitCode": .number(Int(code.rawValue))])
            exit(withError: code)
        } catch {
            exit(withError: error)
        }
    }

    /// What was typed may be anything: only the option itself is looked for.
    static func wantsJSON(_ arguments: [String]) -> Bool {
        let names = ["-l", "--log-format"]
        return zip(arguments, arguments.dropFirst()).contains { names.contains($0) && $1 == "json" }
            || !Set(names.map { "\($0)=json" }).isDisjoint(with: arguments)
    }
}
