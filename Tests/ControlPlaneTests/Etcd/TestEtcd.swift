import ControlPlane
import FoundationEssentials
import Reconciliation
import Subprocess
import SystemPackage
import Testing

/// A member of a real etcd on a Unix socket.
struct TestEtcd: Sendable {
    @TaskLocal static var shared: TestEtcd?

    let channel: HTTPChannel
    let name: String
    /// Where its sockets are, and its database, under a name of its own.
    let directory: FilePath

    func gateway(through channel: HTTPChannel? = nil, timeLimit: Duration = .seconds(15)) async throws -> EtcdGateway {
        try await EtcdGateway(through: channel ?? self.channel, on: HostName(name), timeLimit: timeLimit)
    }

    /// What its database file holds, byte by byte.
    func database() throws -> Data {
        try Data(contentsOf: URL(filePath: directory.appending("\(name).etcd/member/snap/db").string))
    }

    func classifier() async throws -> StorageClassifier {
        StorageClassifier(gateway: try await gateway())
    }

    func put(_ values: [String: [UInt8]]) async throws {
        let operations = values.map { key, value in
            #"{"request_put":{"key":"\#(base64(Array(key.utf8)))","value":"\#(base64(value))"}}"#
        }
        for start in stride(from: 0, to: operations.count, by: 100) {
            let some = operations[start..<min(start + 100, operations.count)].joined(separator: ",")
            _ = try await post("/v3/kv/txn", #"{"success":[\#(some)]}"#)
        }
    }

    func put(_ key: String, _ value: String) async throws {
        try await put([key: Array(value.utf8)])
    }

    func delete(_ key: String) async throws {
        _ = try await post("/v3/kv/deleterange", #"{"key":"\#(base64(Array(key.utf8)))"}"#)
    }

    /// Where its store and its log stand: a write moves both, a proposal that changes nothing the log.
    func position() async throws -> Position {
        try JSONDecoder().decode(Position.self, from: Data(try await post("/v3/maintenance/status", "{}").utf8))
    }

    struct Position: Decodable, Equatable {
        struct Header: Decodable, Equatable {
            let revision: String
        }

        let header: Header
        let raftIndex: String
    }

    func post(_ path: String, _ body: String) async throws -> String {
        let response = try await channel.send(HTTPRequest("POST", path, body: Array(body.utf8)))
        try #require(response.status == 200)
        return String(decoding: response.body, as: UTF8.self)
    }
}

func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

func withEtcd(_ flags: [String] = [], _ body: (TestEtcd) async throws -> Void) async throws {
    let directory = FilePath(FileManager.default.temporaryDirectory.path).appending("etcd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory.string) }
    try await withMember("cp1", of: ["cp1"], in: directory, flags, body)
}

/// Lends the members of a cluster, of which each joined those before it.
func withEtcdCluster(of names: [String], _ body: ([TestEtcd]) async throws -> Void) async throws {
    let directory = FilePath(FileManager.default.temporaryDirectory.path).appending("etcd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory.string) }
    func grow(_ members: [TestEtcd]) async throws {
        let count = members.count
        guard count < names.count else { return try await body(members) }
        if let first = members.first {
            _ = try await first.post("/v3/cluster/member/add", #"{"peerURLs":["unix://\#(names[count])-peer:0"]}"#)
        }
        // etcd would have the next one wait until those before it have run for a while.
        let flags =
            ["--strict-reconfig-check=false"] + (members.isEmpty ? [] : ["--initial-cluster-state", "existing"])
        try await withMember(names[count], of: Array(names.prefix(count + 1)), in: directory, flags) { member in
            try await grow(members + [member])
        }
    }
    try await grow([])
}

private func withMember(
    _ name: String, of names: [String], in directory: FilePath, _ flags: [String],
    _ body: (TestEtcd) async throws -> Void
) async throws {
    // etcd makes `unix://HOST:PORT` a socket of that name in its working directory.
    let arguments = [
        "--name", name, "--listen-client-urls", "unix://\(name):0", "--advertise-client-urls", "unix://\(name):0",
        "--listen-peer-urls", "unix://\(name)-peer:0", "--initial-advertise-peer-urls", "unix://\(name)-peer:0",
        "--initial-cluster", names.map { "\($0)=unix://\($0)-peer:0" }.joined(separator: ","),
        "--heartbeat-interval", "10", "--election-timeout", "100", "--logger", "zap",
    ]
    _ = try await run(
        .name("etcd"), arguments: Arguments(arguments + flags), workingDirectory: directory, input: .none,
        output: .discarded,
        error: .sequence
    ) { execution in
        let (serving, continuation) = AsyncStream<Void>.makeStream()
        async let draining: Void = {
            for try await line in execution.standardError.strings() where line.contains("serving client traffic") {
                continuation.yield()
            }
            continuation.finish()
        }()
        var iterator = serving.makeAsyncIterator()
        if await iterator.next() != nil {
            let channel = HTTPChannel.curl(
                socketPath: directory.appending("\(name):0").string, host: "localhost", port: 2379, identity: nil)
            let etcd = TestEtcd(channel: channel, name: name, directory: directory)
            do { try await body(etcd) } catch { Issue.record(error) }
            await channel.close()
        } else {
            Issue.record("etcd did not start: etcd-server 3.4 or later must be installed")
        }
        try execution.send(signal: .kill)
        try await draining
    }
}

/// One etcd for all tests of a suite.
struct SharedEtcd: SuiteTrait, TestScoping {
    @concurrent
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withEtcd { etcd in
            try await TestEtcd.$shared.withValue(etcd) { try await function() }
        }
    }
}

extension Trait where Self == SharedEtcd {
    static var etcd: SharedEtcd { SharedEtcd() }
}
