package import Reconciliation

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
    /// Whether anything comes through, the first connection tells: a target that refuses connections at this moment is no failure,
    /// it may be an API server that is about to start.
    package func forward(to address: String, port: Int, from host: HostName) async throws -> String {
        guard Self.isAddress(address), (1...65535).contains(port) else {
            throw UnsafeForwardAddress(address: address, port: port)
        }
        _ = try await master(of: host)
        let socket = freshPath("sock")
        let target = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        let messages = endOfMessages(of: host)
        let arguments = ["-O", "forward", "-L", "\(socket):\(target)", SSHConfigurationFile.alias(of: host)]
        let request = try await call(arguments, .empty, host, .seconds(15))
        guard request.status == 0 else {
            throw await withoutStart(host, 255, String(decoding: request.error, as: UTF8.self))
        }
        forwards[socket] = Forward(host: host, messages: messages)
        return socket
    }

    /// Makes sure, where a connection through a forwarded socket has failed, that it was not the host's sshd that forbids forwarding.
    ///
    /// `ssh -O forward` succeeds even then. sshd answers in order, so the master has heard of the refusal once a session is over
    /// that was begun behind the connection. A socket that has been cleared once is not looked at again.
    package func checkForward(_ socket: String) async throws {
        guard let forward = forwards[socket], let messages = forward.messages else { return }
        forwards[socket]?.messages = nil
        let host = forward.host
        _ = try await call([SSHConfigurationFile.alias(of: host), "true"], .empty, host, .seconds(30))
        guard !self.messages(of: host, from: messages).contains(SSHFailure.Reason.forwardingForbiddenPhrase) else {
            throw failure(host, .forwardingForbidden, "")
        }
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
