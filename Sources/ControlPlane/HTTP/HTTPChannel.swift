/// A request to an API server or to etcd's gateway.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Path and query, percent-encoded: `/api/v1/namespaces?limit=500`.
    package var path: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Where set, only the response's lines that begin so are kept, however long the whole is.
    package var wantedLines: String?

    package init(
        _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        wantedLines: String? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.wantedLines = wantedLines
    }
}

/// A whole response; any status, also 4xx and 5xx.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// A request that got no response.
package enum HTTPFailure: Error, Sendable, Hashable {
    /// Nothing was sent: the connection was refused or could not be made.
    case notConnected(String)
    /// The connection broke with the request under way; the server may have acted on it.
    case dropped(String)
    case timedOut(String)
    /// The server's certificate does not verify, or ours was refused in the handshake.
    case tls(String)
}

/// One endpoint behind a forwarded Unix socket; `HTTPChannel.curl` makes the real one, tests give their own.
package struct HTTPChannel: Sendable {
    /// Sends one request; many may be under way at once, and the channel multiplexes them.
    package var send: @Sendable (HTTPRequest) async throws -> HTTPResponse
    /// Drops every connection; after a restart of the server a new channel is made.
    package var close: @Sendable () async -> Void

    package init(
        send: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse,
        close: @escaping @Sendable () async -> Void
    ) {
        self.send = send
        self.close = close
    }
}

/// Who a server must be, and who we are to it; held in memory only.
package struct TLSIdentity: Sendable {
    /// PEM of the authority that the server's certificate must come from.
    package let authority: [UInt8]
    /// PEM of our certificate; nil for none.
    package let certificate: [UInt8]?
    /// PEM of our certificate's key.
    package let privateKey: SecretBytes?

    package init(authority: [UInt8], certificate: [UInt8]?, privateKey: SecretBytes?) {
        self.authority = authority
        self.certificate = certificate
        self.privateKey = privateKey
    }
}
