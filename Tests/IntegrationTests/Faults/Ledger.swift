import FoundationEssentials

/// What `Clients/ledger.py` saw.
struct LedgerReport: Decodable, Sendable {
    /// An answer that was an error, which no server that is not ready gives.
    struct Failure: Decodable, Sendable, CustomStringConvertible {
        let description: String

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            _ = try fields.decode(Double.self)
            let words = [
                try fields.decode(String.self), try fields.decode(String.self), try fields.decode(String.self),
            ]
            let status = try fields.decode(Int.self)
            description = (words + ["\(status)", try fields.decode(String.self)]).joined(separator: " ")
        }
    }

    let reads: Int
    let writes: Int
    let objects: Int
    /// Requests without an answer: the server was down, or became so.
    let unreached: Int
    /// Answers of a server that was not ready, by their words.
    let unavailable: [String: Int]
    let denied: Int
    let failedReads: [Failure]
    let failedWrites: [Failure]
    /// Secrets that are gone, or have a value that nobody wrote.
    let wrong: [String]
    /// How many API servers at most took no connection at one instant.
    let together: Int

    enum CodingKeys: String, CodingKey {
        case reads, writes, objects, unreached, unavailable, denied, wrong, together
        case failedReads = "failed_reads"
        case failedWrites = "failed_writes"
    }
}

/// Every Secret that a campaign's client has written, by the digest of its value; a file.
struct Ledger: Sendable {
    let path: String

    /// Writes and reads beside `body`, from within the hosts' network; at the end all of it is read through every API server.
    func kept<Value: Sendable>(
        beside body: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, report: LedgerReport) {
        let arguments = [Sandbox.state + "/admin.conf", "ledger", "10", path] + Sandbox.addresses
        let (value, printed) = try await IntegrationTests.beside("ledger.py", arguments, in: "atrest-lb", body)
        return (value, try JSONDecoder().decode(LedgerReport.self, from: Data(printed.utf8)))
    }
}
