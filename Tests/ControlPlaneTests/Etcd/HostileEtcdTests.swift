import FoundationEssentials
import Reconciliation
import Synchronization
import Testing

@testable import ControlPlane

/// What answers for etcd and is broken, or lies.
@Suite(.timeLimit(.minutes(2))) struct HostileEtcdTests {
    private static let range = KeyRange(directory: "/registry/secrets/")
    private static let header = #""header":{"cluster_id":"7","member_id":"8","revision":"9"}"#

    /// A gateway that answers its first request well, and every later one with what `answer` makes of its path and number.
    private func gateway(
        _ answer: @escaping @Sendable (_ path: String, _ number: Int) -> String
    ) async throws -> EtcdGateway {
        let requests = Mutex(0)
        let channel = HTTPChannel(
            send: { request in
                let number = requests.withLock { number in
                    defer { number += 1 }
                    return number
                }
                let body = number == 0 ? "{\(Self.header)}" : answer(request.path, number)
                return HTTPResponse(status: 200, body: Array(body.utf8))
            }, close: {})
        return try await EtcdGateway(through: channel, on: HostName("cp1"))
    }

    private static func page(_ keys: [String], count: Int = 2, more: Bool = true) -> String {
        let objects = keys.map { #"{"key":"\#(base64(Array($0.utf8)))","mod_revision":"5"}"# }
        return #"{\#(header),"count":"\#(count)","more":\#(more),"kvs":[\#(objects.joined(separator: ","))]}"#
    }

    private static func transaction(_ count: String, holds: Bool) -> String {
        #"{\#(header),"succeeded":\#(holds),"responses":[{"response_range":{"count":"\#(count)"}}]}"#
    }

    private func expectStranger(
        at path: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        await #expect(
            throws: EtcdFailure.unintelligible(member: "cp1", path: "/v3\(path)"), sourceLocation: sourceLocation
        ) { try await body() }
    }

    @Test(
        "a page that leads nowhere => refused, not asked for again and again",
        arguments: [
            ["/registry/secrets/a", "/registry/secrets/b"],  // The same each time.
            [],
            ["/registry/secrets/b", "/registry/secrets/a"],
            ["/registry/secrets/a", "/registry/secrets/a"],
            ["/registry/pods/a"],
            ["/registry/t"],
        ])
    func pages(keys: [String]) async throws {
        let gateway = try await gateway { path, _ in
            path.hasSuffix("/txn") ? Self.transaction("2", holds: true) : Self.page(keys)
        }
        await expectStranger(at: "/kv/range") {
            _ = try await StorageClassifier(gateway: gateway).classify(
                Self.range, knownForms: [], expecting: .plaintext)
        }
    }

    @Test("ever new keys, far more than etcd says that there are => refused in the end")
    func endless() async throws {
        let pages = Mutex(0)
        let gateway = try await gateway { path, number in
            if path.hasSuffix("/txn") { return Self.transaction("500", holds: true) }
            pages.withLock { $0 += 1 }
            return Self.page((0..<500).map { "/registry/secrets/\(1_000_000 + number * 500 + $0)" })
        }
        await expectStranger(at: "/kv/range") {
            _ = try await StorageClassifier(gateway: gateway).classify(
                Self.range, knownForms: [], expecting: .plaintext)
        }
        #expect(pages.withLock { $0 } < 50)
    }

    @Test(
        "an object that always changes and always new ones beside it => given up, and named without control characters")
    func restless() async throws {
        let listings = Mutex(0)
        let gateway = try await gateway { path, _ in
            if path.hasSuffix("/txn") { return Self.transaction("0", holds: false) }
            // Between any two keys there is room for others.
            let depth = listings.withLock { listings in
                listings += 1
                return listings / 4
            }
            let start = "/registry/secrets/" + String(repeating: "\u{1}", count: depth)
            return Self.page([start + "\u{1}\u{2}", start + "\u{1}\u{3}\u{1B}"], more: false)
        }
        let failure = await #expect(throws: EtcdFailure.self) {
            _ = try await StorageClassifier(gateway: gateway).classify(Self.range, knownForms: [])
        }
        let words = "\(try #require(failure))"
        #expect(words.isPlain, "\(words.debugDescription)")
        #expect(listings.withLock { $0 } < 1000)
    }

    @Test(
        "a count that no etcd has => refused, nothing overflows",
        arguments: ["-1", "9223372036854775807", "99999999999999999999", "NaN", "", "0x10", "1e3"])
    func counts(count: String) async throws {
        let gateway = try await gateway { path, _ in
            path.hasSuffix("/txn")
                ? Self.transaction(count, holds: true) : #"{\#(Self.header),"count":"\#(count)"}"#
        }
        await expectStranger(at: "/kv/range") { _ = try await gateway.count(in: Self.range) }
        await expectStranger(at: "/kv/txn") { _ = try await gateway.compare([], counting: Self.range) }
    }

    @Test(
        "a member's sizes that cannot be => refused, nothing overflows",
        arguments: ["dbSize", "dbSizeInUse", "dbSizeQuota"]
    )
    func sizes(field: String) async throws {
        for number in ["-1", "99999999999999999999"] + (field == "dbSizeQuota" ? [] : ["9223372036854775807"]) {
            let gateway = try await gateway { _, _ in #"{\#(Self.header),"\#(field)":"\#(number)"}"# }
            await expectStranger(at: "/maintenance/status") { _ = try await gateway.room(quota: .flag(0), objects: 0) }
        }
    }

    @Test("the largest sizes that are believed => a purge and a rewrite are judged by them, nothing overflows")
    func largest() async throws {
        let most = EtcdGateway.mostBytes
        let gateway = try await gateway { _, _ in #"{\#(Self.header),"dbSize":"\#(most)","dbSizeQuota":"\#(Int.max)"}"#
        }
        let room = try #require(try await gateway.room(quota: .unknown, objects: 0))
        #expect(room.takes(1 << 36))
        #expect(throws: EtcdNotWell.self) {
            try EtcdCluster.checkSpace(Int.max >> 20, for: EtcdMember(name: "cp1", bytes: most, used: most, host: nil))
        }
    }

    @Test("the largest revision => searched, and no revision below zero", arguments: [Int64.max, -1])
    func revisions(newest: Int64) async throws {
        let gateway = try await gateway { _, _ in
            #"{"header":{"cluster_id":"7","member_id":"8","revision":"\#(newest)"}}"#
        }
        if newest > 0 {
            #expect(try await gateway.oldestRevision() == 1)
        } else {
            await expectStranger(at: "/kv/range") { _ = try await gateway.oldestRevision() }
        }
    }

    @Test(
        "JSON that is deep, cut off, or of other types => refused with the member's name",
        arguments: [
            String(repeating: "[", count: 1_000_000), #"{"header":"#, #"{"header":{"cluster_id":7}}"#, "null", "[]",
            #"{"header":{"cluster_id":"7"},"kvs":{}}"#, #"{"header":{"cluster_id":"7"},"count":7}"#,
            #"{"header":{"cluster_id":"7"},"kvs":[{"key":"!","mod_revision":"1"}]}"#,
        ])
    func json(body: String) async throws {
        let gateway = try await gateway { _, _ in body }
        await expectStranger(at: "/kv/range") { _ = try await gateway.page(of: Self.range, limit: 500) }
    }

    @Test("members with hostile names => told apart, all on one line; thousands of them => refused")
    func members() async throws {
        @Sendable func list(_ count: Int) -> String {
            let names = (0..<count).map { #"{"ID":"\#($0 + 100)","name":"x\u001b[2J\n\u202e"}"# }.joined(separator: ",")
            return #"{\#(Self.header),"members":[\#(names)]}"#
        }
        let some = try await gateway { _, _ in list(2) }
        let failure = await #expect(throws: EtcdMembersNotReached.self) {
            try await EtcdCluster(of: [some]).requireAll()
        }
        #expect(failure?.names == ["x [2J   (64)", "x [2J   (65)"])
        let many = try await gateway { _, _ in list(20_000) }
        await expectStranger(at: "/cluster/member/list") { _ = try await EtcdCluster(of: [many]) }
    }
}
