internal import FoundationEssentials
internal import Reconciliation

extension EtcdGateway {
    /// Requests with a time limit, their answers, and what their failures mean.
    struct Transport: Sendable {
        let channel: HTTPChannel
        let member: String
        let timeLimit: Duration

        /// The answer, or nil where the path is not served.
        func post<Answer: Decodable>(
            _ message: some Encodable, to path: String, as answer: Answer.Type, within limit: Duration? = nil,
            isRead: Bool = true
        ) async throws -> Answer? {
            let request = HTTPRequest(
                "POST", path, headers: [("Content-Type", "application/json")],
                body: Array(try JSONEncoder().encode(message)))
            let response = try await send(request, within: limit ?? timeLimit, isRead: isRead)
            switch response.status {
            case 200:
                guard let answer = try? JSONDecoder().decode(answer, from: Data(response.body))
                else { throw EtcdFailure.unintelligible(member: member, path: path) }
                return answer
            case 404:
                return nil
            default:
                throw failure(of: response)
            }
        }

        /// One retry where the connection broke: a read may be repeated.
        private func send(_ request: HTTPRequest, within limit: Duration, isRead: Bool) async throws -> HTTPResponse {
            do {
                return try await sendOnce(request, within: limit)
            } catch HTTPFailure.dropped(let reason) {
                guard isRead else { throw EtcdFailure.unreachable(member: member, reason: reason) }
                do {
                    return try await sendOnce(request, within: limit)
                } catch HTTPFailure.dropped(let reason) {
                    throw EtcdFailure.unreachable(member: member, reason: reason)
                }
            }
        }

        private func sendOnce(_ request: HTTPRequest, within limit: Duration) async throws -> HTTPResponse {
            do {
                return try await withThrowingTaskGroup(of: HTTPResponse?.self) { group in
                    group.addTask { try await channel.send(request) }
                    group.addTask {
                        try await Task.sleep(for: limit)
                        return nil
                    }
                    defer { group.cancelAll() }
                    guard let response = try await group.next() ?? nil
                    else { throw HTTPFailure.timedOut("\(limit)") }
                    return response
                }
            } catch HTTPFailure.timedOut(let reason) {
                throw EtcdFailure.timedOut(member: member, reason: reason)
            } catch HTTPFailure.notConnected(let reason) {
                throw EtcdFailure.unreachable(member: member, reason: reason)
            } catch HTTPFailure.tls(let reason) {
                throw EtcdFailure.unreachable(member: member, reason: reason)
            }
        }

        private func failure(of response: HTTPResponse) -> EtcdFailure {
            let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(response.body))
            let reason = (refusal?.message ?? refusal?.error ?? "no reason given").printable(limit: 200)
            // etcd's own word for a read that found no quorum.
            guard !reason.contains("timed out"), response.status != 504
            else { return .timedOut(member: member, reason: reason) }
            return .refused(member: member, status: response.status, reason: reason)
        }
    }
}
