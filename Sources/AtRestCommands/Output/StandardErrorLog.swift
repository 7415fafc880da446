internal import FoundationEssentials
internal import Logging

/// Writes log events to standard error, as text or as one JSON object a line.
struct StandardErrorLog: LogHandler {
    let format: OutputOptions.LogFormat
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]

    init(format: OutputOptions.LogFormat) {
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        Console.writeError(
            Self.render(format, Date(), event.level, "\(event.message)", metadata.mapValues { "\($0)" }) + "\n")
    }

    static func render(
        _ format: OutputOptions.LogFormat, _ date: Date, _ level: Logger.Level, _ message: String,
        _ metadata: [String: String]
    ) -> String {
        let time = date.formatted(.iso8601)
        switch format {
        case .text:
            let details = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            return "\(time) \(level.rawValue) \(message)\(details)"
        case .json:
            var object = metadata
            object["time"] = time
            object["level"] = level.rawValue
            object["message"] = message
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let line = try? encoder.encode(object) else { return "{}" }
            return String(decoding: line, as: UTF8.self)
        }
    }
}
