internal import ArgumentParser
internal import Logging

/// `-v`, `-d` and `-l`: how much is said, and how.
struct OutputOptions: ParsableArguments {
    enum LogFormat: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Flag(name: [.customShort("v"), .long], help: "Say more.")
    var verbose = false

    @Flag(name: [.customShort("d"), .long], help: "Say everything that is not a secret.")
    var debug = false

    @Option(name: [.customShort("l"), .long], help: "Format of the log on standard error.")
    var logFormat = LogFormat.text

    /// What this run writes on standard error.
    func makeLog() -> RunLog { RunLog(format: logFormat) }

    var logLevel: Logger.Level { debug ? .debug : verbose ? .info : .warning }
}
