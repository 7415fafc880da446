internal import ArgumentParser

/// What `apply` may do, and whether it asks.
struct ChangeOptions: ParsableArguments {
    @Flag(help: "Allow changes to a provisioned cluster; without it the plan is printed and nothing is done.")
    var forceUpgrade = false

    @Option(
        help: ArgumentHelp(
            "How long an API server may take to be ready before its host gets back what it had. (default: 5m)",
            valueName: "duration"),
        transform: { try TimeSpan($0) })
    var restartTimeout = TimeSpan(.seconds(300))

    @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
    var autoApprove = false
}
