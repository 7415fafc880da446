import Subprocess
import SystemPackage

/// Runs one of `Clients/` beside `body`; it ends when its standard input does, and what it printed is returned.
func beside<Value: Sendable>(
    _ client: String, _ arguments: [String], _ body: @escaping @Sendable () async throws -> Value
) async throws -> (value: Value, printed: String) {
    let result = try await run(
        .name("python3"),
        arguments: Arguments([Sandbox.root + "/Tests/IntegrationTests/Clients/" + client] + arguments),
        input: .inputWriter, output: .sequence, error: .discarded
    ) { execution in
        let output = execution.standardOutput
        async let printed = collect(output)
        let value = await Result { try await body() }
        try await execution.standardInputWriter.finish()
        return (try value.get(), try await printed)
    }
    guard result.terminationStatus.isSuccess else {
        throw CommandFailed(description: "\(client) ended with \(result.terminationStatus)")
    }
    return result.closureResult
}

private func collect(_ output: SubprocessOutputSequence) async throws -> String {
    var bytes: [UInt8] = []
    for try await buffer in output {
        unsafe buffer.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
    return String(decoding: bytes, as: UTF8.self)
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
