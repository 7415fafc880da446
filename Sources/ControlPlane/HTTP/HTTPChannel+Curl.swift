/// What a channel spends at most.
package struct HTTPLimits: Sendable {
    /// Requests under way at once; more wait inside of the channel.
    package var streams: Int
    /// Connections; with HTTP/2 one carries all streams, with HTTP/1.1 one request each.
    package var connections: Int
    /// Until a connection stands, TLS included.
    package var connectTimeout: Duration
    /// From the moment a request leaves the channel's queue to the last byte of its response.
    package var requestTimeout: Duration
    /// What all responses that are under way may hold together, headers included.
    package var responseBytes: Int

    package init(
        streams: Int = 100, connections: Int = 1, connectTimeout: Duration = .seconds(10),
        requestTimeout: Duration = .seconds(60), responseBytes: Int = 32 << 20
    ) {
        self.streams = streams
        self.connections = connections
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.responseBytes = responseBytes
    }
}

extension HTTPChannel {
    /// Speaks HTTP/2 (else HTTP/1.1) to the server behind a Unix socket.
    ///
    /// - Parameters:
    ///   - socketPath: at most 107 bytes.
    ///   - host: the name or address that the server's certificate must carry; it is never resolved.
    ///   - port: stands in the URL only.
    ///   - identity: nil for plain http.
    ///   - limits: what it may spend.
    /// - Returns: A channel that connects on its first request; `close` it to be rid of its thread and connections at once.
    package static func curl(
        socketPath: String, host: String, port: Int, identity: TLSIdentity?, limits: HTTPLimits = HTTPLimits()
    ) -> HTTPChannel {
        let transport = CurlTransport(
            endpoint: CurlEndpoint(socketPath: socketPath, host: host, port: port, isSecure: identity != nil),
            identity: identity, limits: limits)
        let lease = CurlLease(transport: transport)
        return HTTPChannel(
            send: { request in try await lease.transport.send(request) },
            close: { await lease.transport.close() })
    }
}

/// Ends the thread of a channel that was let go of without `close`.
private final class CurlLease: Sendable {
    let transport: CurlTransport

    init(transport: CurlTransport) {
        self.transport = transport
    }

    deinit {
        transport.beginClosing()
    }
}

/// Where a channel's requests go.
struct CurlEndpoint: Sendable {
    let socketPath: String
    let host: String
    let port: Int
    let isSecure: Bool

    /// What a request's path is appended to.
    var origin: String {
        "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
