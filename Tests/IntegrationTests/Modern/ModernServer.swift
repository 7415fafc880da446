import ControlPlane
import FoundationEssentials
import Reconciliation
import Subprocess
import SystemPackage
import Testing

/// A real API server of today with an etcd of its own, from `scripts/sandbox modern`; it ends with the test.
struct ModernServer: Sendable {
    /// Its state, with its sockets.
    let directory: String
    /// The encryption configuration that it reads as it starts.
    let configurationPath: String
    let api: HTTPChannel
    let etcd: HTTPChannel
    fileprivate let input: StandardInputWriter
    fileprivate let output: AsyncStream<String>

    var server: APIServer { APIServer(api) }

    func classifier() async throws -> StorageClassifier {
        StorageClassifier(gateway: try await EtcdGateway(through: etcd, on: HostName("modern")))
    }

    /// Starts it anew, with whatever configuration is on disk by now.
    func restart() async throws {
        _ = try await input.write(Array("\n".utf8))
        try Self.checkReady(await output.first { _ in true })
    }

    /// Puts another configuration in place at once, as atrest does: by a rename.
    func configure(_ entries: String) throws {
        try Self.write(entries, to: configurationPath)
    }

    /// The same with a whole file.
    func configure(bytes: SecretBytes) throws {
        let data = unsafe bytes.withBytes { unsafe Data($0) }
        try data.write(to: URL(filePath: configurationPath), options: .atomic)
    }

    /// What the file's bytes are called in annotations and metrics.
    func digestOnDisk() throws -> String {
        try SecretBytes(Array(Data(contentsOf: URL(filePath: configurationPath)))).sha256Hex()
    }

    func post(_ path: String, _ object: String) async throws {
        let request = HTTPRequest(
            "POST", path, headers: [("Content-Type", "application/json")], body: Array(object.utf8))
        let response = try await api.send(request)
        guard response.status == 201 else {
            throw CommandFailed(
                description: "POST \(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
        }
    }

    /// Rewrites all objects of a resource by atrest's own rewriter.
    func rewrite(_ resource: ServedResource) async throws -> RewriteResult {
        let (socket, identity) = (directory + "/api.sock", try Self.identity(in: directory))
        let range = StoragePrefix().range(of: resource.name, isCustom: resource.origin == .custom)
        let classifier = try await classifier()
        return try await Rewriter(
            hosts: [HostName("modern")],
            find: { _, rest in
                try await classifier.firstPart(
                    of: rest, below: range, isNamespaced: resource.isNamespaced, notStoredAs: nil)
            },
            connect: { _ in
                .curl(socketPath: socket, host: "kubernetes.default.svc", port: 6443, identity: identity)
            }
        ).rewrite(resource, in: range)
    }

    fileprivate static func checkReady(_ line: String?) throws {
        guard let line, line.hasPrefix("ready ") else {
            throw CommandFailed(description: "the API server of today: \(line ?? "no word")")
        }
    }

    fileprivate static func identity(in directory: String) throws -> TLSIdentity {
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: directory + name))) }
        return TLSIdentity(
            authority: try read("/ca.crt"), certificate: try read("/admin.crt"),
            privateKey: SecretBytes(try read("/admin.key")))
    }

    static func text(_ entries: String) -> String {
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\(entries)\n"
    }

    fileprivate static func write(_ entries: String, to path: String) throws {
        try Data(text(entries).utf8).write(to: URL(filePath: path), options: .atomic)
    }
}

/// Runs one API server for the length of `body`.
func withModernServer(
    configuration entries: String, _ flags: [String] = [],
    _ body: @escaping @Sendable (ModernServer) async throws -> Void
) async throws {
    try await withDirectory { directory in
        let path = directory + "/configuration.yaml"
        try ModernServer.write(entries, to: path)
        let arguments = ["modern", "serve", "--encryption-provider-config=" + path] + flags
        try await withSandboxCommand(arguments) { input, output in
            let first = await output.first { _ in true }
            try ModernServer.checkReady(first)
            let state = String((first ?? "").dropFirst("ready ".count))
            let api = HTTPChannel.curl(
                socketPath: state + "/api.sock", host: "kubernetes.default.svc", port: 6443,
                identity: try ModernServer.identity(in: state))
            let etcd = HTTPChannel.curl(socketPath: state + "/etcd:0", host: "localhost", port: 2379, identity: nil)
            let server = ModernServer(
                directory: state, configurationPath: path, api: api, etcd: etcd, input: input, output: output)
            let result = await Result { try await body(server) }
            await api.close()
            await etcd.close()
            try result.get()
        }
    }
}

/// A KMS plugin for the length of `body`; lends its directory.
func withKMSPlugin(_ body: @escaping @Sendable (_ directory: String) async throws -> Void) async throws {
    try await withDirectory { directory in
        try await withSandboxCommand(["modern", "kms", directory]) { _, output in
            guard await output.first(where: { _ in true }) == "ready" else {
                throw CommandFailed(description: "the KMS plugin did not start")
            }
            try await body(directory)
        }
    }
}

/// A directory for the length of `body`.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    let directory = try makeTemporaryDirectory("modern")
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
}

/// Runs a command of the sandbox that lasts as long as its standard input; lends that, and the lines that it prints.
private func withSandboxCommand(
    _ arguments: [String], _ body: @escaping @Sendable (StandardInputWriter, AsyncStream<String>) async throws -> Void
) async throws {
    let result = try await run(
        .path(FilePath(Sandbox.script)), arguments: Arguments(arguments), input: .inputWriter, output: .sequence,
        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
    ) { execution in
        let (lines, continuation) = AsyncStream<String>.makeStream()
        let output = execution.standardOutput
        async let draining: Void = {
            for try await line in output.strings() {
                continuation.yield(String(line.drop { $0.isNewline }.prefix { !$0.isNewline }))
            }
            continuation.finish()
        }()
        let value = await Result { try await body(execution.standardInputWriter, lines) }
        try await execution.standardInputWriter.finish()
        try await draining
        try value.get()
    }
    guard result.terminationStatus.isSuccess else {
        throw CommandFailed(description: "sandbox \(arguments.joined(separator: " ")): \(result.terminationStatus)")
    }
}
