package import Reconciliation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An address that a host gave for one of its servers and that cannot be one.
package struct UnsafeForwardAddress: Error, Hashable, Sendable, CustomStringConvertible {
    package let address: String
    package let port: Int

    package var description: String {
        "\"\(SSHFailure.Reason.plainLine(address))\" and port \(port) are no address that can be forwarded: "
            + "an IP address or a host name is needed"
    }
}

extension SSHSession {
    /// Forwards a fresh Unix socket to an address as seen from a host; the seam's `forward`.
    ///
    /// `ssh -O forward` succeeds where the host's sshd forbids forwarding, and only the first connection fails. So one is made
    /// here, and a session behind it: sshd answers in order, so the master has heard of a refusal once the session is over.
    /// A target that refuses connections at this moment is no failure; it may be an API server that is about to start.
    package func forward(to address: String, port: Int, from host: HostName) async throws -> String {
        guard Self.isAddress(address), (1...65535).contains(port) else {
            throw UnsafeForwardAddress(address: address, port: port)
        }
        _ = try await master(of: host)
        let socket = freshPath("sock")
        let target = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        let alias = SSHConfigurationFile.alias(of: host)
        let forward = ["-L", "\(socket):\(target)", alias]
        let request = try await call(["-O", "forward"] + forward, .empty, host, .seconds(15))
        guard request.status == 0 else {
            throw await withoutStart(host, 255, String(decoding: request.error, as: UTF8.self))
        }
        forwards[socket] = (host, forward)
        let before = endOfMessages(of: host)
        let probe = UnixConnection(to: socket)
        defer { probe.close() }
        let session = try await call([alias, "true"], .empty, host, .seconds(30))
        guard session.status != 255 else {
            throw await withoutStart(host, 255, String(decoding: session.error, as: UTF8.self))
        }
        guard !messages(of: host, from: before).contains(SSHFailure.Reason.forwardingForbiddenPhrase) else {
            await cancelForward(socket)
            throw failure(host, .forwardingForbidden, "")
        }
        return socket
    }

    /// Removes a forwarded socket; connections through it live on until they are closed.
    package func cancelForward(_ socket: String) async {
        guard let (host, forward) = forwards.removeValue(forKey: socket) else { return }
        // Where the master is gone, so is the forward.
        _ = try? await call(["-O", "cancel"] + forward, .empty, host, .seconds(15))
        unsafe unlink(socket)
    }

    /// The address stands in an argument of ours: nothing but what addresses are made of.
    private static func isAddress(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || ".-:".utf8.contains(byte)
            }
    }
}

/// A connection to a local Unix socket that nothing is sent over.
private struct UnixConnection {
    private let descriptor: Int32

    init(to path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8.prefix($0.count - 1))
        }
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    func close() {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }
}
