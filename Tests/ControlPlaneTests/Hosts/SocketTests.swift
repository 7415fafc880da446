import FoundationEssentials
import Glibc
import Reconciliation
import Testing

@testable import ControlPlane

@Suite("Whether a KMS plugin answers on a host") struct SocketTests {
    /// A listening socket, or one that nobody listens to any more.
    private static func bind(_ path: String, isListening: Bool) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = path.utf8.map { Int8(bitPattern: $0) }
        try #require(bytes.count < 108, "\(path) is too long for a socket")
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            unsafe field.copyBytes(from: bytes.map { UInt8(bitPattern: $0) })
        }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc.bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        if isListening { try #require(listen(descriptor, 8) == 0) }
        return descriptor
    }

    @Test(
        "sockets of every kind => those that accept no connection, and what is there", arguments: Interpreter.allCases)
    func silent(interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.makeDirectory("/run/k m", mode: 0o700)
            let open = try Self.bind(host.path("/run/k m/a*.sock"), isListening: true)
            let dead = try Self.bind(host.path("/run/k m/dead"), isListening: false)
            defer { for descriptor in [open, dead] { close(descriptor) } }
            try host.write("/run/k m/file", "")
            try host.write(
                "/proc/net/unix",
                """
                Num       RefCount Protocol Flags    Type St Inode Path
                0000000000000000: 00000002 00000000 00010000 0001 01   134 @kms-a
                0000000000000000: 00000003 00000000 00000000 0001 03 15143 @kms-b

                """)
            let sockets: Set<KMSSocket> = [
                .path("/run/k m/a*.sock"), .path("/run/k m/dead"), .path("/run/k m/file"), .path("/run/none"),
                .path("/run/$(touch x)"), .abstract("@kms-a"), .abstract("@kms-b"), .abstract("@kms"),
            ]
            let silent = try await HostProbe.silentSockets(
                among: sockets, on: host.name, by: host.remoteShell(), root: host.root)
            #expect(
                silent == [
                    .path("/run/k m/dead"): "nobody listens there", .path("/run/k m/file"): "that is no socket",
                    .path("/run/none"): "there is nothing", .path("/run/$(touch x)"): "there is nothing",
                    .abstract("@kms-b"): "nobody listens there", .abstract("@kms"): "nobody listens there",
                ])
            // The connection was made, and nothing was sent.
            var byte: UInt8 = 0
            let connection = accept(open, nil, nil)
            let received = unsafe read(connection, &byte, 1)
            #expect(connection >= 0 && received == 0)
            close(connection)
        }
    }

    @Test("a host whose logger is not util-linux's => a socket that is there counts")
    func otherLogger() async throws {
        try await TestHost.running { host in
            try host.makeDirectory("/run/kms", mode: 0o700)
            let dead = try Self.bind(host.path("/run/kms/dead"), isListening: false)
            defer { close(dead) }
            try host.write("/bin/logger", "#!/bin/sh\necho 'BusyBox v1.36'; exit 1\n", mode: 0o755)
            let silent = try await HostProbe.silentSockets(
                among: [.path("/run/kms/dead"), .path("/run/kms/none")], on: host.name,
                by: host.remoteShell(stubs: host.path("/bin")), root: host.root)
            #expect(silent == [.path("/run/kms/none"): "there is nothing"])
        }
    }
}
