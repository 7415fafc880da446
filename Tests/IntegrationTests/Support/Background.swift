import Subprocess
import SystemPackage

/// Runs one of `Clients/` beside `body`; it ends when its standard input does, and what it printed is returned.
///
/// It is part of this machine's network or of another namespace; where it is announced, it says `ready`, and `body` begins then.
func beside<Value: Sendable>(
    _ client: String, _ arguments: [String], in network: String? = nil, isAnnounced: Bool = false,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> (value: Value, printed: String) {
    let command = ["python3", "-B", Sandbox.root + "/Tests/IntegrationTests/Clients/" + client] + arguments
    let inNetwork = network.map { ["ip", "netns", "exec", $0] } ?? []
    let result = try await run(
        .name("env"), arguments: Arguments(inNetwork + command), input: .inputWriter, output: .sequence,
        error: .discarded
    ) { execution in
        var lines = execution.standardOutput.strings().makeAsyncIterator()
        if isAnnounced {
            guard try await lines.next()?.hasPrefix("ready") == true else {
                throw CommandFailed(description: "\(client) did not start")
            }
        }
        let value = await Result { try await body() }
        try await execution.standardInputWriter.finish()
        var printed = ""
        while let line = try await lines.next() { printed += line + "\n" }
        return (try value.get(), printed)
    }
    guard result.terminationStatus.isSuccess else {
        throw CommandFailed(description: "\(client) ended with \(result.terminationStatus)")
    }
    return result.closureResult
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
