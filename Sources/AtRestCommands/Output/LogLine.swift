internal import FoundationEssentials
internal import Logging

/// A value beside a message.
enum LogValue: Encodable, Sendable, Hashable {
    case text(String)
    case number(Int)

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        }
    }
}

/// One line of a run's log.
struct LogLine: Sendable {
    let time: Date
    let level: Logger.Level
    let message: String
    var fields: [String: LogValue] = [:]

    /// One JSON object; `time` (RFC 3339, UTC), `level` and `message` are those of the line whatever its fields are.
    var json: String {
        let own: [String: LogValue] = [
            "time": .text(timeText), "level": .text(level.rawValue), "message": .text(message),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(own.merging(fields) { own, _ in own }) else {
            preconditionFailure("strings and integers can be written as JSON")
        }
        return String(decoding: line, as: UTF8.self).forTerminalAsJSON
    }

    /// As a log in text has it.
    var text: String {
        let details = fields.sorted { $0.key < $1.key }.map { key, value in
            switch value {
            case .text(let text): " \(key)=\(text)"
            case .number(let number): " \(key)=\(number)"
            }
        }
        return "\(timeText) \(level.rawValue) \(message)" + details.joined()
    }

    private var timeText: String { time.formatted(.iso8601) }
}
