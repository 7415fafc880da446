import ControlPlane
import Synchronization

/// What went through a channel.
final class Traffic: Sendable {
    struct Exchange: Sendable {
        let path: String
        let request: String
        let response: String
    }

    private let recorded = Mutex<[Exchange]>([])

    var exchanges: [Exchange] { recorded.withLock { $0 } }

    func record(_ exchange: Exchange) {
        recorded.withLock { $0.append(exchange) }
    }
}

extension HTTPChannel {
    func recording(in traffic: Traffic) -> HTTPChannel {
        let send = self.send
        var channel = self
        channel.send = { request in
            let response = try await send(request)
            traffic.record(
                Traffic.Exchange(
                    path: request.path, request: String(decoding: request.body, as: UTF8.self),
                    response: String(decoding: response.body, as: UTF8.self)))
            return response
        }
        return channel
    }

    /// Does something before each request.
    func preceded(by action: @escaping @Sendable (_ body: String) async throws -> Void) -> HTTPChannel {
        let send = self.send
        var channel = self
        channel.send = { request in
            try await action(String(decoding: request.body, as: UTF8.self))
            return try await send(request)
        }
        return channel
    }
}
