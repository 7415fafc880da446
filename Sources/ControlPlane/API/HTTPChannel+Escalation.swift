internal import Synchronization

extension HTTPChannel {
    /// The same way with a second identity, which takes over for good at the first request that the first has no right to.
    ///
    /// `second` is asked for once at most, and only then.
    func escalating(to second: @escaping @Sendable () throws -> HTTPChannel) -> HTTPChannel {
        let escalation = Escalation(first: self, make: second)
        return HTTPChannel(send: { try await escalation.send($0) }, close: { await escalation.close() })
    }
}

private final class Escalation: Sendable {
    private let first: HTTPChannel
    private let make: @Sendable () throws -> HTTPChannel
    private let second = Mutex<HTTPChannel?>(nil)

    init(first: HTTPChannel, make: @escaping @Sendable () throws -> HTTPChannel) {
        self.first = first
        self.make = make
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let channel = second.withLock(\.self) { return try await channel.send(request) }
        let response = try await first.send(request)
        guard response.status == 403, !APIStatus(response, to: request).isWebhookDenial else { return response }
        let channel = try second.withLock { second in
            let channel = try second ?? make()
            second = channel
            return channel
        }
        return try await channel.send(request)
    }

    func close() async {
        await first.close()
        await second.withLock(\.self)?.close()
    }
}
