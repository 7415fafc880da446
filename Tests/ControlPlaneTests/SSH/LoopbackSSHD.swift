import Reconciliation
import Subprocess
import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A real sshd on a loopback port with its own host key and one accepted user key.
///
/// Needs root and openssh-server (apt); without them the tests that use it fail and say so.
struct LoopbackSSHD: Sendable, Codable {
    let directory: String
    let port: Int
    /// As `known_hosts` writes it behind the host.
    let hostKey: String

    var userKeyFile: String { "\(directory)/id" }

    /// A host that is reached through this sshd.
    func host(_ name: String = "cp1", port: Int? = nil, pinned: Bool = true) -> Host {
        Host(
            name: HostName(name), address: "127.0.0.1", privateAddress: "127.0.0.1",
            ssh: SSHAccess(
                port: port ?? self.port, user: "root", privateKeyFile: userKeyFile, hostKey: pinned ? hostKey : nil))
    }

    /// Starts sshd, waits until it listens, and ends it behind the body.
    static func running<Value: Sendable>(
        options: String = "", _ body: (LoopbackSSHD) async throws -> Value
    ) async throws -> Value {
        let sshd = "/usr/sbin/sshd"
        try #require(geteuid() == 0, "the ssh tests start an sshd and need root")
        try #require(unsafe access(sshd, X_OK) == 0, "the ssh tests need openssh-server (apt install openssh-server)")
        // Where sshd changes its root to; the Debian package leaves making it to its service.
        _ = unsafe mkdir("/run/sshd", 0o755)
        return try await withTemporaryDirectory { directory in
            try await shell("ssh-keygen -q -t ed25519 -N '' -C '' -f \(directory)/host")
            try await shell("ssh-keygen -q -t ed25519 -N '' -C '' -f \(directory)/id")
            let hostKey = try await shell("cat \(directory)/host.pub").split(separator: "\n").joined()
            let port = try freePort()
            try write(
                """
                ListenAddress 127.0.0.1:\(port)
                HostKey \(directory)/host
                AuthorizedKeysFile \(directory)/id.pub
                PidFile none
                UsePAM no
                StrictModes no
                PermitRootLogin prohibit-password
                \(options)

                """, to: "\(directory)/sshd_config")
            var platform = PlatformOptions()
            platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
            let value = try await Subprocess.run(
                .path(FilePath(sshd)), arguments: ["-D", "-e", "-f", "\(directory)/sshd_config"],
                platformOptions: platform, input: .none, output: .discarded, error: .sequence
            ) { execution in
                var words = ""
                for try await line in execution.standardError.strings() {
                    words = line
                    if line.contains("Server listening") { break }
                }
                try #require(words.contains("Server listening"), "sshd did not start: \(words)")
                let value = try await body(LoopbackSSHD(directory: directory, port: port, hostKey: hostKey))
                try execution.send(signal: .terminate)
                return value
            }
            return value.closureResult
        }
    }
}

/// Runs a command of the test's own and returns what it printed; a failure is a test's failure.
@discardableResult
func shell(_ command: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    let result = try await Subprocess.run(
        .path("/bin/sh"), arguments: ["-c", command], output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
    try #require(result.terminationStatus.isSuccess, "\(result.standardError)", sourceLocation: sourceLocation)
    return result.standardOutput
}

func write(_ text: String, to path: String) throws {
    let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
}

func withTemporaryDirectory<Value: Sendable>(_ body: (String) async throws -> Value) async throws -> Value {
    let directory = try await shell("mktemp -d /tmp/atrest-test-XXXXXX").split(separator: "\n").joined()
    do {
        let value = try await body(directory)
        try await shell("rm -rf '\(directory)'")
        return value
    } catch {
        try await shell("rm -rf '\(directory)'")
        throw error
    }
}

/// A port that nothing listens on at this moment.
func freePort() throws -> Int {
    let listener = try TCPListener()
    defer { listener.close() }
    return listener.port
}

/// A TCP listener on loopback.
struct TCPListener {
    let descriptor: FileDescriptor
    let port: Int

    init() throws {
        descriptor = FileDescriptor(rawValue: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let rawDescriptor = descriptor.rawValue
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(rawDescriptor, address, length) == 0 && listen(rawDescriptor, 8) == 0
                    && getsockname(rawDescriptor, address, &length) == 0
            }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Sends a text to the next connection and ends it.
    func answer(_ text: String) throws {
        let connection = FileDescriptor(rawValue: accept(descriptor.rawValue, nil, nil))
        try connection.closeAfter { _ = try connection.writeAll(text.utf8) }
    }

    func close() { try? descriptor.close() }
}
