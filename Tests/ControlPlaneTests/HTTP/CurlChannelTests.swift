import ControlPlane
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct CurlChannelTests {
    @Test("requests of every kind => status, headers and body come back", arguments: [TestServer.Kind.http1, .http2])
    func requests(kind: TestServer.Kind) async throws {
        try await withServer(kind) { server in
            let channel = server.channel(identity: try server.identity())
            let got = try await channel.send(HTTPRequest("GET", "/a?b=c%20d", headers: [("X-Test", "on")]))
            #expect(got.status == 200)
            #expect(String(decoding: got.body, as: UTF8.self) == "GET /a?b=c%20d")
            #expect(got.headers["x-echo"] == "on")
            let patched = try await channel.send(HTTPRequest("PATCH", "/body", body: Array("{}".utf8)))
            #expect(patched.body == Array("{}".utf8))
            let missing = try await channel.send(HTTPRequest("POST", "/missing"))
            #expect(missing.status == 404)
            #expect(String(decoding: missing.body, as: UTF8.self) == "POST /missing")
            await channel.close()
        }
    }

    @Test("only some lines are wanted => those are kept, however long the rest is")
    func wantedLines() async throws {
        try await withServer(.http1) { server in
            let channel = server.channel(
                identity: try server.identity(), limits: HTTPLimits(connectTimeout: .seconds(60), responseBytes: 1000))
            let body = String(repeating: "other line\n", count: 1000) + "wanted 1\n"
            func answer(_ wanted: String) async throws -> HTTPResponse {
                try await channel.send(HTTPRequest("PATCH", "/body", body: Array(body.utf8), wantedLines: wanted))
            }
            #expect(try await answer("wanted").body == Array("wanted 1\n".utf8))
            await #expect(throws: HTTPFailure.self) { try await answer("other") }
            await channel.close()
        }
    }

    @Test("a server without TLS => spoken to in plain http")
    func plain() async throws {
        try await withServer(.plain) { server in
            let channel = server.channel(host: "::1", identity: nil)
            let got = try await channel.send(HTTPRequest("GET", "/../a"))
            #expect(String(decoding: got.body, as: UTF8.self) == "GET /../a")
            await channel.close()
        }
    }

    @Test("300 requests at once over one connection => each gets its own answer", arguments: [1, 7, 100])
    func concurrency(streams: Int) async throws {
        try await withServer(.http2) { server in
            let channel = server.channel(
                identity: try server.identity(), limits: HTTPLimits(streams: streams, connectTimeout: .seconds(60)))
            let right = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let got = try await channel.send(HTTPRequest("GET", "/\(number)"))
                        return String(decoding: got.body, as: UTF8.self) == "GET /\(number)"
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(right == 300)
            await channel.close()
        }
    }

    @Test("a certificate's address => verified like a name")
    func address() async throws {
        try await withServer(.http1) { server in
            let channel = server.channel(host: "127.0.0.1", identity: try server.identity())
            #expect(try await channel.send(HTTPRequest("GET", "/a")).status == 200)
            await channel.close()
        }
    }

    @Test("a server that wants a certificate => ours is accepted", arguments: [TestServer.Kind.http1, .http2])
    func clientCertificate(kind: TestServer.Kind) async throws {
        try await withServer(kind, clientCertificate: true) { server in
            let channel = server.channel(identity: try server.identity(client: "client"))
            #expect(try await channel.send(HTTPRequest("GET", "/a")).status == 200)
            await channel.close()
        }
    }

    @Test("a response beyond the limit => dropped, and the channel goes on")
    func tooLong() async throws {
        try await withServer(.http2) { server in
            let channel = server.channel(identity: try server.identity(), limits: HTTPLimits(responseBytes: 1000))
            await #expect(throws: HTTPFailure.dropped("the response is longer than 1000 bytes")) {
                try await channel.send(HTTPRequest("GET", "/long"))
            }
            #expect(try await channel.send(HTTPRequest("GET", "/a")).status == 200)
            await channel.close()
        }
    }

    @Test("a task cancelled with its request under way => ends at once, and the channel goes on")
    func cancellation() async throws {
        try await withServer(.http2) { server in
            let channel = server.channel(identity: try server.identity(), limits: HTTPLimits(streams: 1))
            let hanging = Task { try await channel.send(HTTPRequest("GET", "/hang")) }
            try await server.untilHanging()
            // The only stream is taken: this one waits inside of the channel.
            let waiting = Task { try await channel.send(HTTPRequest("GET", "/a")) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            hanging.cancel()
            await #expect(throws: CancellationError.self) { try await hanging.value }
            #expect(try await channel.send(HTTPRequest("GET", "/b")).status == 200)
            await channel.close()
        }
    }

    @Test("a task that is cancelled before it sends => nothing is sent")
    func cancelledBefore() async throws {
        try await withServer(.plain) { server in
            let channel = server.channel(identity: nil)
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await channel.send(HTTPRequest("GET", "/hang"))
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            await channel.close()
        }
    }

    @Test("a closed channel => requests under way are dropped, later ones refused, closing again does nothing")
    func closing() async throws {
        try await withServer(.http2) { server in
            let channel = server.channel(identity: try server.identity())
            let hanging = Task { try await channel.send(HTTPRequest("GET", "/hang")) }
            try await server.untilHanging()
            await channel.close()
            await #expect(throws: HTTPFailure.dropped("the channel was closed with the request under way")) {
                try await hanging.value
            }
            await #expect(throws: HTTPFailure.notConnected("the channel is closed")) {
                try await channel.send(HTTPRequest("GET", "/a"))
            }
            await channel.close()
        }
    }
}
