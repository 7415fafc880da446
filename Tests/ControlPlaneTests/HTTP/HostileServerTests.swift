import FoundationEssentials
import Testing

@testable import ControlPlane

/// What a server can do to the one who asks it, below JSON.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostileServerTests {
    @Test(
        "a redirect, to anywhere => not followed, and an error that says what answered",
        arguments: [301, 302, 307, 308])
    func redirect(status: Int) async throws {
        try await withServer(.http1) { server in
            let channel = server.channel(identity: try server.identity())
            let answer = try await channel.send(HTTPRequest("GET", "/redirect/\(status)"))
            #expect(answer.status == status)
            #expect(answer.headers["location"] == "/elsewhere")
            await #expect { _ = try await APIServer(channel).send(HTTPRequest("GET", "/redirect/\(status)")) } throws: {
                "\($0)".hasPrefix("the API server answered \(status) to GET /redirect/\(status)")
            }
            // Whoever follows would have asked for more than these two.
            let count = try await channel.send(HTTPRequest("GET", "/count"))
            #expect(String(decoding: count.body, as: UTF8.self) == "2")
            await channel.close()
        }
    }

    @Test("headers without end => dropped at the limit, and the channel goes on")
    func headers() async throws {
        try await withServer(.http1) { server in
            let limits = HTTPLimits(connectTimeout: .seconds(60), responseBytes: 50_000)
            let channel = server.channel(identity: try server.identity(), limits: limits)
            await #expect(throws: HTTPFailure.dropped("the response is longer than 50000 bytes")) {
                try await channel.send(HTTPRequest("GET", "/headers"))
            }
            #expect(try await channel.send(HTTPRequest("GET", "/a")).status == 200)
            await channel.close()
        }
    }

    @Test("long bodies on all streams at once => together no more than the limit; afterwards there is room again")
    func bodies() async throws {
        try await withServer(.http2) { server in
            let limits = HTTPLimits(streams: 16, connectTimeout: .seconds(60), responseBytes: (4 << 20) + 65_536)
            let channel = server.channel(identity: try server.identity(), limits: limits)
            let longest = "the response is longer than \(limits.responseBytes) bytes"
            let dropped = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        do {
                            _ = try await channel.send(HTTPRequest("GET", "/stalling"))
                            return false
                        } catch { return error as? HTTPFailure == .dropped(longest) }
                    }
                }
                // The others have their first half, and hang.
                var dropped = 0
                while dropped < 12, let isDropped = await group.next() { dropped += isDropped ? 1 : 0 }
                group.cancelAll()
                return dropped
            }
            #expect(dropped == 12)
            for _ in 0..<16 { #expect(try await channel.send(HTTPRequest("GET", "/long")).body.count == 1 << 20) }
            await channel.close()
        }
    }

    @Test("a body that ends before its length => an error, not a short body")
    func truncated() async throws {
        try await withServer(.http1) { server in
            let channel = server.channel(identity: try server.identity())
            await #expect { try await channel.send(HTTPRequest("GET", "/truncated")) } throws: { error in
                if case .dropped? = error as? HTTPFailure { true } else { false }
            }
            await channel.close()
        }
    }
}
