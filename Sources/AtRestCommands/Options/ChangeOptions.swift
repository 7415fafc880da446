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
                + "\(TimeSpan(ClusterSession.defaultRestartTimeout)))",
            valueName: "duration"),
        transform: { try TimeSpan($0) })
    var restartTimeout = TimeSpan(ClusterSession.defaultRestartTimeout)

    @Flag(help: "Beside -y: allow a custom configuration that has encrypted objects written back as plain text.")
    var allowDecrypt = false

    @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
    var autoApprove = false
}

extension ChangeOptions {
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
