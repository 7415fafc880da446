import ControlPlane
import Reconciliation
import Synchronization
import Testing

@Suite(.etcd) struct EtcdGatewayTests {
    let etcd: TestEtcd

    init() throws {
        etcd = try #require(TestEtcd.shared)
    }

    @Test("objects in a range => their count; none => 0; the cluster's identity is known")
    func count() async throws {
        try await etcd.put(["/count/a": [1], "/count/b": [2], "/count0": [3]])
        let gateway = try await etcd.gateway()
        #expect(try await gateway.count(in: KeyRange(directory: "/count/")) == 2)
        #expect(try await gateway.count(in: KeyRange(directory: "/nothing/")) == 0)
        #expect(gateway.clusterID != 0)
        #expect(gateway.memberID != 0)
    }

    @Test("a member that only has the older path => its gateway is found")
    func olderPath() async throws {
        try await etcd.put("/older/a", "x")
        let send = etcd.channel.send
        let older = HTTPChannel(
            send: { request in
                guard request.path.hasPrefix("/v3beta/") else { return HTTPResponse(status: 404) }
                return try await send(request)
            }, close: {})
        let gateway = try await etcd.gateway(through: older)
        #expect(try await gateway.count(in: KeyRange(directory: "/older/")) == 1)
    }

    @Test("a gateway that is switched off => its own error")
    func gatewayOff() async throws {
        try await withEtcd(["--enable-grpc-gateway=false"]) { etcd in
            await #expect(throws: EtcdFailure.gatewayOff(member: "cp1")) { try await etcd.gateway() }
        }
    }

    @Test("a member that does not answer => an error at the time limit")
    func stuck() async throws {
        let channel = HTTPChannel(
            send: { _ in
                try await Task.sleep(for: .seconds(3600))
                return HTTPResponse(status: 500)
            }, close: {})
        await #expect(throws: EtcdFailure.timedOut(member: "cp1", reason: "0.05 seconds")) {
            try await etcd.gateway(through: channel, timeLimit: .milliseconds(50))
        }
    }

    @Test("the quorum is lost between a listing and its comparison => no answer, and none from a member's own state")
    func quorum() async throws {
        try await withEtcd { etcd in
            let secrets = StoragePrefix().range(of: .secrets)
            let key = StoredForm.encrypted(scheme: "aescbc:v1", name: "one")
            try await etcd.put("/registry/secrets/a", "k8s:enc:aescbc:v1:one:x")
            let channel = etcd.channel.preceded { body in
                guard body.contains("compare") else { return }
                // A second member that never comes.
                _ = try await etcd.post("/v3/cluster/member/add", #"{"peerURLs":["unix://absent:0"]}"#)
            }
            let gateway = try await etcd.gateway(through: channel, timeLimit: .seconds(1))
            let failure = await #expect(throws: EtcdFailure.self) {
                try await StorageClassifier(gateway: gateway).classify(secrets, knownForms: [key], expecting: key)
            }
            guard case .timedOut("cp1", _) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            let comparison = #"{"target":"VERSION","result":"EQUAL","key":"\#(base64(secrets.start))"}"#
            #expect(try await etcd.post("/v3/kv/txn", #"{"compare":[\#(comparison)]}"#).contains("succeeded"))
        }
    }

    @Test("no member => unreachable")
    func unreachable() async throws {
        let nowhere = HTTPChannel.curl(socketPath: "/nonexistent/socket", host: "localhost", port: 1, identity: nil)
        let failure = await #expect(throws: EtcdFailure.self) { try await etcd.gateway(through: nowhere) }
        guard case .unreachable("cp1", _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test(
        "answers that are errors => what they mean, with etcd's words",
        arguments: [
            (
                503, #"{"error":"etcdserver: request timed out","message":"etcdserver: request timed out","code":14}"#,
                EtcdFailure.timedOut(member: "cp1", reason: "etcdserver: request timed out")
            ),
            (
                403, #"{"error":"etcdserver: permission denied","message":"etcdserver: permission denied","code":7}"#,
                EtcdFailure.refused(member: "cp1", status: 403, reason: "etcdserver: permission denied")
            ),
            (502, "<html>", EtcdFailure.refused(member: "cp1", status: 502, reason: "no reason given")),
            (200, "<html>", EtcdFailure.unintelligible(member: "cp1", path: "/v3/kv/range")),
            (200, "{}", EtcdFailure.unintelligible(member: "cp1", path: "/v3/kv/range")),
        ])
    func errors(status: Int, body: String, failure: EtcdFailure) async {
        let channel = HTTPChannel(
            send: { _ in HTTPResponse(status: status, body: Array(body.utf8)) }, close: {})
        await #expect(throws: failure) { try await etcd.gateway(through: channel) }
    }

    @Test("an answer in mid-course that is not this cluster's => an error, never an empty range")
    func strangerAnswers() async throws {
        try await etcd.put("/stranger/a", "x")
        let range = KeyRange(directory: "/stranger/")
        for body in ["{}", #"{"header":{"cluster_id":"1","member_id":"2"}}"#] {
            let isConnected = Mutex(false)
            let send = etcd.channel.send
            let channel = HTTPChannel(
                send: { request in
                    guard isConnected.withLock({ $0 }) else { return try await send(request) }
                    return HTTPResponse(status: 200, body: Array(body.utf8))
                }, close: {})
            let gateway = try await etcd.gateway(through: channel)
            isConnected.withLock { $0 = true }
            let failure = EtcdFailure.unintelligible(member: "cp1", path: "/v3/kv/range")
            await #expect(throws: failure) { try await gateway.count(in: range) }
            await #expect(throws: failure) {
                try await StorageClassifier(gateway: gateway).classify(range, knownForms: [])
            }
        }
    }

    @Test("a connection that breaks once => the read is repeated")
    func dropped() async throws {
        let failures = Mutex(1)
        let channel = etcd.channel.preceded { _ in
            let isBroken = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if isBroken { throw HTTPFailure.dropped("reset") }
        }
        let gateway = try await etcd.gateway(through: channel)
        #expect(gateway.clusterID != 0)
    }

    @Test("a member's room => its database's size and what its quota leaves; 3.6 tells the quota itself")
    func room() async throws {
        try await etcd.put((0..<64).reduce(into: [:]) { $0["/room/object/\($1)"] = Array(repeating: 7, count: 4096) })
        let gateway = try await etcd.gateway()
        let objects = try await gateway.count(in: StoragePrefix(flag: "/room").everything)
        // etcd writes to its file in batches, behind its answers.
        var room = try #require(try await gateway.room(quota: .flag(0), objects: objects))
        for _ in 0..<10_000 where room.used < 64 * 4096 {
            room = try #require(try await gateway.room(quota: .flag(0), objects: objects))
        }
        #expect(room.quota == 2 << 30)
        #expect(room.used >= 64 * 4096 && room.size >= room.used)
        #expect(room.bytesPerObject == room.used / 64)
        #expect(!room.isExhausted && room.takes(64))

        let tight = try #require(try await gateway.room(quota: .flag(room.size + 64 * 1024), objects: objects))
        #expect(!tight.takes(64))
        #expect(try await gateway.room(quota: .flag(-1), objects: objects) == nil)
        #expect(try await gateway.room(quota: .unknown, objects: objects)?.quota == 2 << 30)

        let send = etcd.channel.send
        let newer = HTTPChannel(
            send: { request in
                let response = try await send(request)
                guard request.path.hasSuffix("/maintenance/status") else { return response }
                let text = String(decoding: response.body, as: UTF8.self)
                return HTTPResponse(
                    status: 200, body: Array(("{\"dbSizeQuota\":\"8589934592\"," + text.dropFirst()).utf8))
            }, close: {})
        let told = try await etcd.gateway(through: newer).room(quota: .flag(0), objects: objects)
        #expect(told?.quota == 8 << 30)
    }

    @Test("a database that has reached its quota => takes nothing")
    func exhausted() async throws {
        try await withEtcd(["--quota-backend-bytes=\(1 << 20)"]) { etcd in
            let gateway = try await etcd.gateway()
            for index in 0..<64 {
                let value = base64(Array(repeating: UInt8(index), count: 64 << 10))
                let body = #"{"key":"\#(base64([7, UInt8(index)]))","value":"\#(value)"}"#
                let response = try await etcd.channel.send(HTTPRequest("POST", "/v3/kv/put", body: Array(body.utf8)))
                if response.status != 200 { break }
            }
            let room = try #require(try await gateway.room(quota: .flag(1 << 20), objects: 64))
            #expect(room.isExhausted && !room.takes(0))
        }
    }
}
