import ControlPlane
import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

/// A real server of `Fixtures/server.py`, alive for one test.
struct TestServer: Sendable {
    enum Kind: String {
        case http1
        case http2
        case plain
    }

    let directory: String
    /// Suspends until a request for `/hang` has reached the server.
    let untilHanging: @Sendable () async throws -> Void
    /// Kills the process that holds the clients' connections.
    let kill: @Sendable () throws -> Void

    func identity(authority: String = "authority", client: String? = nil) throws -> TLSIdentity {
        try TLSIdentity(
            authority: read("\(authority).pem"), certificate: client.map { try read("\($0).pem") },
            privateKey: client.map { SecretBytes(try read("\($0).key")) })
    }

    func channel(
        host: String = "kubernetes.default.svc", socket: String = "server.sock", identity: TLSIdentity?,
        limits: HTTPLimits = HTTPLimits(connectTimeout: .seconds(60))
    ) -> HTTPChannel {
        .curl(socketPath: "\(directory)/\(socket)", host: host, port: 6443, identity: identity, limits: limits)
    }

    private func read(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: "\(directory)/\(name)")))
    }
}

func withServer(
    _ kind: TestServer.Kind, clientCertificate: Bool = false, _ body: (TestServer) async throws -> Void
) async throws {
    let script = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Fixtures/server.py")
    let arguments = ["-u", script.string, kind.rawValue] + (clientCertificate ? ["--client-certificate"] : [])
    let result = try await run(
        .name("python3"), arguments: Arguments(arguments), input: .inputWriter, output: .sequence,
        error: .string(limit: 1 << 16)
    ) { execution in
        let (lines, continuation) = AsyncStream<String>.makeStream()
        async let reading: Void = {
            for try await line in execution.standardOutput.strings() { continuation.yield(line) }
            continuation.finish()
        }()
        var iterator = lines.makeAsyncIterator()
        let ready = await iterator.next()
        if let directory = ready?.split(separator: " ").last, ready?.hasPrefix("ready ") == true {
            let server = TestServer(
                directory: String(directory),
                untilHanging: { for await line in lines where line.hasPrefix("hanging") { return } },
                kill: { try execution.send(signal: .kill) })
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: server.directory) } }
            do {
                try await body(server)
            } catch {
                Issue.record(error)
            }
        } else {
            Issue.record("the test server did not start: python3, openssl and, for HTTP/2, nghttpx must be installed")
        }
        try await execution.standardInputWriter.finish()
        try await reading
    }
    _ = result
}
