import FoundationEssentials

/// What `Clients/load.py` saw.
struct LoadReport: Decodable, Sendable {
    struct Event: Decodable, Sendable, CustomStringConvertible {
        let time: Double
        let address: String
        let description: String

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            time = try fields.decode(Double.self)
            address = try fields.decode(String.self)
            var words: [String] = []
            while !fields.isAtEnd {
                if let number = try? fields.decode(Int.self) {
                    words.append("\(number)")
                } else {
                    words.append(try fields.decode(String.self))
                }
            }
            description = "\(address): " + words.joined(separator: " ")
        }
    }

    let requests: Int
    let seconds: Double
    let httpErrors: [Event]
    /// Connections that were refused or dropped.
    let lost: [Event]
    let created: [String]

    enum CodingKeys: String, CodingKey {
        case requests
        case seconds
        case httpErrors = "http_errors"
        case lost
        case created
    }

    /// Runs the client at 10 rounds a second beside `body`.
    ///
    /// More would leave API servers that start little of two cores.
    static func beside<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, report: LoadReport) {
        let (value, printed) = try await IntegrationTests.beside(
            "load.py", [Sandbox.state + "/admin.conf", "seeded", "10"] + Sandbox.addresses, body)
        return (value, try JSONDecoder().decode(LoadReport.self, from: Data(printed.utf8)))
    }

    /// The addresses that lost connections, in the order of their outages; an outage ends where another server's begins.
    var outages: [String] {
        lost.sorted { $0.time < $1.time }.map(\.address).reduce(into: []) { outages, address in
            if outages.last != address { outages.append(address) }
        }
    }
}
