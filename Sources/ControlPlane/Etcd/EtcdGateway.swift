internal import FoundationEssentials
package import Reconciliation

/// A member's own etcd cluster, read through its JSON gateway.
///
/// Everything that is told of objects is a linearizable read that no member can serve without quorum, and no request asks
/// for a value or writes an object.
package struct EtcdGateway: Sendable {
    /// The host through which it is reached.
    let host: HostName
    /// The member as messages name it.
    var member: String { host.text }
    /// Equal on all members of one cluster.
    package let clusterID: UInt64
    package let memberID: UInt64
    /// `/v3`, or what etcd before 3.4 has.
    let root: String
    let transport: Transport

    /// What a member may take to write its database anew.
    static let longestRequest: Duration = .seconds(3600)

    /// Finds the gateway behind a channel to a member's client address.
    ///
    /// A request may take as long as the limit; etcd itself gives up on a lost quorum after about seven seconds.
    package init(
        through channel: HTTPChannel, on host: HostName, timeLimit: Duration = .seconds(15)
    ) async throws {
        transport = Transport(channel: channel, member: host.text, timeLimit: timeLimit)
        self.host = host
        for root in ["/v3", "/v3beta"] {
            let request = RangeRequest.count(KeyRange(only: [0]))
            guard let answer = try await transport.post(request, to: root + "/kv/range", as: RangeResponse.self)
            else { continue }
            guard let cluster = UInt64(answer.header?.cluster ?? ""), let id = UInt64(answer.header?.member ?? "")
            else { throw EtcdFailure.unintelligible(member: host.text, path: root + "/kv/range") }
            self.root = root
            clusterID = cluster
            memberID = id
            return
        }
        throw EtcdFailure.gatewayOff(member: host.text)
    }

    /// How many objects are stored in a range.
    package func count(in range: KeyRange) async throws -> Int {
        try count(in: try await ask(.count(range)), from: "/kv/range")
    }

    struct Page {
        let keys: [StoredKey]
        let isLast: Bool
        /// How many keys the range has in all.
        let count: Int
    }

    /// The first keys of a range in their order.
    ///
    /// What follows begins behind the last of them, so a page that does not go forward in the range would go on for ever.
    func page(of range: KeyRange, limit: Int) async throws -> Page {
        let answer = try await ask(.page(range, limit: limit))
        let keys = try keys(in: answer, of: range)
        let isAscending = zip(keys, keys.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        guard isAscending, keys.count <= limit, answer.more != true || !keys.isEmpty
        else { throw unintelligible("/kv/range") }
        return Page(
            keys: keys, isLast: answer.more != true, count: try count(in: answer, from: "/kv/range"))
    }

    /// All keys of a range in the order of their values.
    func keysSortedByValue(in range: KeyRange) async throws -> [StoredKey] {
        let keys = try keys(in: try await ask(.sortedByValue(range)), of: range)
        guard Set(keys.map(\.bytes)).count == keys.count else { throw unintelligible("/kv/range") }
        return keys
    }

    /// Compares what is stored, all at one revision, and counts a range at the same revision.
    ///
    /// A comparison over several objects holds where it holds for each of them; a comparison of values over none fails.
    func compare(_ comparisons: [Comparison], counting range: KeyRange) async throws -> (holds: Bool, count: Int) {
        // Without a range request in both branches etcd answers "succeeded" from its own state, quorum or not.
        let count = [TransactionRequest.Operation(range: .count(range))]
        let request = TransactionRequest(compare: comparisons.map(\.message), success: count, failure: count)
        let answer = try await transport.post(request, to: root + "/kv/txn", as: TransactionResponse.self)
        guard isOurs(answer?.header), let counted = answer?.responses?.first?.range
        else { throw unintelligible("/kv/txn") }
        return (answer?.succeeded == true, try self.count(in: counted, from: "/kv/txn"))
    }

    /// The state of the member's own database.
    func status() async throws -> StatusResponse {
        let path = "/maintenance/status"
        let answer = try await transport.post(EmptyRequest(), to: root + path, as: StatusResponse.self)
        guard let answer, isOurs(answer.header) else { throw unintelligible(path) }
        return answer
    }

    func ask(_ request: RangeRequest) async throws -> RangeResponse {
        let answer = try await transport.post(request, to: root + "/kv/range", as: RangeResponse.self)
        guard let answer, isOurs(answer.header) else { throw unintelligible("/kv/range") }
        return answer
    }

    /// What is absent from an answer counts as zero, so nothing but an answer of this cluster may be taken for one.
    func isOurs(_ header: Header?) -> Bool {
        header?.cluster == String(clusterID)
    }

    func count(in answer: RangeResponse, from path: String) throws -> Int {
        try number(answer.count, upTo: Self.mostObjects, from: path)
    }

    /// A 64-bit integer of the gateway's; what is absent is zero.
    ///
    /// Nothing of etcd's is negative, and no sum or product of numbers below these limits can overflow.
    func number(_ text: String?, upTo limit: Int, from path: String) throws -> Int {
        guard let number = Int(text ?? "0"), (0...limit).contains(number) else { throw unintelligible(path) }
        return number
    }

    /// Far more than etcd can hold.
    private static let mostObjects = 1 << 27
    static let mostBytes = 1 << 50

    private func keys(in answer: RangeResponse, of range: KeyRange) throws -> [StoredKey] {
        try (answer.kvs ?? []).map { object in
            let key = StoredKey(
                bytes: Array(object.key), modification: Int64(object.modification) ?? 0)
            guard key.modification > 0, range.contains(key.bytes) else { throw unintelligible("/kv/range") }
            return key
        }
    }

    func unintelligible(_ path: String) -> EtcdFailure {
        .unintelligible(member: member, path: root + path)
    }
}

/// An object's place in etcd and the revision that last wrote it.
struct StoredKey: Hashable, Sendable {
    let bytes: [UInt8]
    let modification: Int64

    var range: KeyRange { KeyRange(only: bytes) }
}

extension EtcdGateway {
    /// The first key of a range.
    func firstKey(in range: KeyRange) async throws -> [UInt8]? {
        try await page(of: range, limit: 1).keys.first?.bytes
    }
}
