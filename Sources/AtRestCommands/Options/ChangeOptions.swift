internal import ArgumentParser
internal import ControlPlane
internal import Logging

/// What `apply` may do, and whether it asks.
struct ChangeOptions: ParsableArguments {
    @Flag(help: "Allow changes to a provisioned cluster; without it the plan is printed and nothing is done.")
    var forceUpgrade = false

    @Option(
        help: ArgumentHelp(
            "How long an API server may take to be ready before its host gets back what it had. (default: "
                + "\(TimeSpan(RunLimits().restartTimeout)))",
            valueName: "duration"),
        transform: { try TimeSpan($0) })
    var restartTimeout = TimeSpan(RunLimits().restartTimeout)

    @Option(
        help: ArgumentHelp(
            "How many objects are written anew a second at most. (default: as many as the API servers take)",
            valueName: "number"),
        transform: { text in
            guard let number = Int(text), number > 0 else {
                throw ValidationError("'\(text)' is no number of objects: 1 or more is needed")
            }
            return number
        })
    var maxRewritesPerSecond: Int?

    @Flag(help: "Beside -y: allow a custom configuration that has encrypted objects written back as plain text.")
    var allowDecrypt = false

    @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
    var autoApprove = false
}

extension ChangeOptions {
    var limits: RunLimits {
        var limits = RunLimits()
        limits.restartTimeout = restartTimeout.duration
        limits.rewritesPerSecond = maxRewritesPerSecond
        return limits
    }

    /// Makes sure that there is somebody to ask, before anything is done that an answer may come too late for.
    func requireConsent() throws {
        guard autoApprove || Console.isInteractive else { throw NoTerminal() }
    }

    /// Whether the operator says yes; under `-y` nobody is asked.
    func allow(_ question: String, _ log: RunLog) async throws -> Bool {
        if autoApprove { return true }
        if try await Console.ask("\(question) Only \"yes\" is taken: ") == "yes" { return true }
        log.tell(.info, "Declined; nothing was changed.")
        return false
    }
}

/// The prompt cannot be shown.
struct NoTerminal: Error, CustomStringConvertible {
    let description =
        "there is no terminal to ask on. Read the plan above, then run the same command with -y to carry it out"
}
