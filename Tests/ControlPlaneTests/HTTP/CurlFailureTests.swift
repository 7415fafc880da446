import ControlPlane
import Testing

/// Names a failure without its detail, which is libcurl's.
private enum FailureKind {
    case notConnected, dropped, timedOut, tls
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct CurlFailureTests {
    private func kind(of channel: HTTPChannel, _ request: HTTPRequest = HTTPRequest("GET", "/a")) async -> FailureKind?
    {
        defer { Task { await channel.close() } }
        do {
            _ = try await channel.send(request)
            return nil
        } catch let failure as HTTPFailure {
            return switch failure {
            case .notConnected: .notConnected
            case .dropped: .dropped
            case .timedOut: .timedOut
            case .tls: .tls
            }
        } catch {
            Issue.record(error)
            return nil
        }
    }

    private func expect(
        _ expected: FailureKind, of channel: HTTPChannel, _ request: HTTPRequest = HTTPRequest("GET", "/a"),
        at location: SourceLocation = #_sourceLocation
    ) async {
        let actual = await kind(of: channel, request)
        #expect(actual == expected, sourceLocation: location)
    }

    @Test("a certificate of another authority => a TLS failure", arguments: [TestServer.Kind.http1, .http2])
    func wrongAuthority(server kind: TestServer.Kind) async throws {
        try await withServer(kind) { server in
            let channel = server.channel(identity: try server.identity(authority: "stranger"))
            await expect(.tls, of: channel)
        }
    }

    @Test("a certificate for another name => a TLS failure")
    func wrongName() async throws {
        try await withServer(.http1) { server in
            await expect(.tls, of: server.channel(host: "example.test", identity: try server.identity()))
            await expect(.tls, of: server.channel(host: "127.0.0.2", identity: try server.identity()))
        }
    }

    @Test("no certificate of ours, or another's => a TLS failure", arguments: [TestServer.Kind.http1, .http2])
    func refusedCertificate(server kind: TestServer.Kind) async throws {
        try await withServer(kind, clientCertificate: true) { server in
            for client in [nil, "stranger"] {
                let identity = try server.identity(client: client)
                // The server may hang up before its alert is read: then that attempt was not connected.
                var failure: FailureKind?
                repeat {
                    failure = await self.kind(of: server.channel(identity: identity))
                } while failure == .notConnected
                #expect(failure == .tls)
            }
        }
    }

    @Test("a text that is no certificate => a TLS failure")
    func unreadableCertificate() async throws {
        try await withServer(.http1) { server in
            let broken = TLSIdentity(authority: Array("none".utf8), certificate: nil, privateKey: nil)
            await expect(.tls, of: server.channel(identity: broken))
        }
    }

    @Test("no socket, or one that nobody listens on => not connected")
    func refused() async throws {
        try await withServer(.plain) { server in
            await expect(.notConnected, of: server.channel(socket: "none.sock", identity: nil))
            await expect(.notConnected, of: server.channel(socket: "stale.sock", identity: nil))
        }
    }

    @Test("a connection that is closed in the handshake => not connected, which is how ssh refuses to forward")
    func closedInHandshake() async throws {
        try await withServer(.http1) { server in
            let channel = server.channel(socket: "closing.sock", identity: try server.identity())
            await expect(.notConnected, of: channel)
        }
    }

    @Test(
        "the server is killed with the request under way => dropped",
        arguments: [TestServer.Kind.http1, .http2, .plain])
    func killed(server kind: TestServer.Kind) async throws {
        try await withServer(kind) { server in
            let channel = server.channel(identity: kind == .plain ? nil : try server.identity())
            async let failure = self.kind(of: channel, HTTPRequest("PATCH", "/hang", body: Array("{}".utf8)))
            try await server.untilHanging()
            try server.kill()
            #expect(await failure == .dropped)
        }
    }

    @Test("no answer in time => timed out", arguments: [TestServer.Kind.http1, .http2])
    func timeout(server kind: TestServer.Kind) async throws {
        try await withServer(kind) { server in
            let limits = HTTPLimits(requestTimeout: .milliseconds(300))
            let channel = server.channel(identity: try server.identity(), limits: limits)
            await expect(.timedOut, of: channel, HTTPRequest("GET", "/hang"))
        }
    }

    @Test("a header with a line break => not sent")
    func headerInjection() async throws {
        try await withServer(.plain) { server in
            let request = HTTPRequest("GET", "/a", headers: [("X-Test", "a\r\nX-Other: b")])
            await expect(.notConnected, of: server.channel(identity: nil), request)
        }
    }
}
