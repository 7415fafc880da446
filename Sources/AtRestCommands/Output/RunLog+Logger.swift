internal import Logging

extension RunLog {
    /// A logger that writes here what is at least of this level.
    func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "atrest") { _ in Handler(log: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let log: RunLog
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
            log.log(event.level, "\(event.message)", metadata.mapValues { "\($0)" })
        }
    }
}
