import ControlPlane
import FoundationEssentials
import Reconciliation
import Testing

@Suite struct EtcdClusterTests {
    private static let names = ["cp1", "cp2", "cp3"]
    private static let secrets = KeyRange(directory: "/registry/secrets/")

    @Test("every member purged while others write => no value of before in any database file; all of now is there")
    func purge() async throws {
        try await withEtcdCluster(of: Self.names) { members in
            let plain = (0..<500).map { "the-plain-value-\($0)-" }
            try await members[0].put(Self.objects(plain))
            try await members[0].put(Self.objects(plain.indices.map { "k8s:enc:aescbc:v1:new:\($0)" }))
            for member in members { #expect(try await member.plainValues() >= plain.count) }

            let traffic = Traffic()
            let cluster = try await EtcdCluster(of: await Self.gateways(of: members, recordedIn: traffic))
            try await Self.whileWriting(to: members[0]) {
                for name in Self.names { try await cluster.purge(name) }
            }
            let paths = traffic.exchanges.map(\.path)
            #expect(paths.contains("/v3/maintenance/transfer-leadership"))
            #expect(paths.count { $0 == "/v3/maintenance/defragment" } == members.count)
            for member in members {
                #expect(try await member.plainValues() == 0, "\(member.name)")
                #expect(try await member.gateway().count(in: Self.secrets) == plain.count)
            }
            #expect(try await cluster.sizes().map(\.name) == Self.names)
        }
    }

    @Test("a member that cannot be reached => named, nothing is begun")
    func unreached() async throws {
        try await withEtcdCluster(of: Self.names) { members in
            let some = try await Self.gateways(of: Array(members.prefix(2)))
            let cluster = try await EtcdCluster(of: some, unanswered: ["cp3 is cut off"])
            let failure = await #expect(throws: EtcdMembersNotReached.self) { try await cluster.purge("cp1") }
            #expect(failure?.names == ["cp3"])
            #expect(try await some[0].oldestRevision() == 1)
            #expect(
                "\(try #require(failure))".contains("cp3 cannot be reached: cp3 is cut off. History is purged only"))
        }
    }

    @Test("another member has lost its data => an alarm, and none is purged")
    func alarm() async throws {
        try await withEtcdCluster(of: ["cp1", "cp2"]) { members in
            let plain = (0..<50).map { "the-plain-value-\($0)-" }
            try await members[0].put(Self.objects(plain))
            try await members[0].put(Self.objects(plain.map { _ in "new" }))
            let gateways = try await Self.gateways(of: members)
            let cluster = try await EtcdCluster(of: gateways)
            _ = try await members[0].post(
                "/v3/maintenance/alarm",
                #"{"action":"ACTIVATE","memberID":"\#(gateways[1].memberID)","alarm":"CORRUPT"}"#)
            await #expect(throws: EtcdNotWell.self) { try await cluster.purge("cp1") }
            #expect(try await members[0].plainValues() >= plain.count)
        }
    }

    @Test(
        "room for a copy beside the database => taken; too little => said, with both sizes",
        arguments: [(nil as Int?, true), (200_000_000, true), (170_000_000, false)])
    func space(free: Int?, isEnough: Bool) throws {
        let member = EtcdMember(name: "cp1", bytes: 900_000_000, used: 100_000_000, host: HostName("cp1"))
        guard !isEnough else { return try EtcdCluster.checkSpace(free, for: member) }
        let failure = #expect(throws: EtcdNotWell.self) { try EtcdCluster.checkSpace(free, for: member) }
        #expect(failure?.finding == "its disk has 170 MB left, and a copy of its database needs 177 MB")
    }

    @Test("a range written since the oldest revision, then compacted => the revision moves, and so what can be read")
    func oldestRevision() async throws {
        try await withEtcd { etcd in
            for value in 1...20 { try await etcd.put("/registry/secrets/a", "\(value)") }
            let gateway = try await etcd.gateway()
            #expect(try await gateway.oldestRevision() == 1)
            let written = try await StorageClassifier(gateway: gateway).classify(Self.secrets, knownForms: [])
            #expect(written.newestRevision == 21)
            _ = try await etcd.post("/v3/kv/compaction", #"{"revision":"21"}"#)
            #expect(try await gateway.oldestRevision() == 21)
            #expect(try await gateway.count(in: Self.secrets, at: 20) == nil)
            #expect(try await gateway.count(in: Self.secrets, at: 21) == 1)
        }
    }

    private static func objects(_ values: [String]) -> [String: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: values.enumerated().map { ("/registry/secrets/\($0.offset)", Array($0.element.utf8)) }
        )
    }

    private static func gateways(
        of members: [TestEtcd], recordedIn traffic: Traffic = Traffic()
    ) async throws -> [EtcdGateway] {
        var gateways: [EtcdGateway] = []
        for member in members {
            gateways.append(try await member.gateway(through: member.channel.recording(in: traffic)))
        }
        return gateways
    }

    /// A cluster in use is written to all the time.
    private static func whileWriting(
        to member: TestEtcd, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var number = 0
                while !Task.isCancelled {
                    // The member may be just the one that answers nothing.
                    let lease =
                        #"{"key":"\#(base64(Array("/registry/leases/a".utf8)))","value":"\#(base64(Array(String(number).utf8)))"}"#
                    _ = try? await member.channel.send(HTTPRequest("POST", "/v3/kv/put", body: Array(lease.utf8)))
                    number += 1
                }
            }
            try await body()
            group.cancelAll()
        }
    }
}

extension TestEtcd {
    /// How often its database file has what every value of before begins with.
    fileprivate func plainValues() async throws -> Int {
        // etcd writes what it has gathered to its file before it computes this.
        _ = try await post("/v3/maintenance/hash", "{}")
        return Array(try database()).ranges(of: Array("the-plain-value-".utf8)).count
    }
}
