/// A variable that no shell could be given.
package struct UnsendableVariable: Error, Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package var description: String {
        "the shell variable \"\(name)\" cannot be sent: its name must be letters, digits and underscores, and its value "
            + "must not hold a zero byte"
    }
}

extension RemoteScript {
    /// What a remote shell prints before the script's own output: behind it nothing comes from a start-up file or sudo.
    static let marker = "atrest-script-begins"

    /// The remote command: a shell as root that reads its script from standard input.
    ///
    /// Nothing but constant text and a number, for it is read by whatever login shell the user has. With a limit, a script that
    /// hangs is ended on the host as well, shortly after nobody waits for it any more.
    static func command(limit: Duration? = nil) -> String {
        let shell = limit.map { "timeout -k 2 \($0.components.seconds + 2) sh" } ?? "sh"
        return #"exec sh -c 'if [ "$(id -u)" = 0 ]; then exec \#(shell); fi; LC_ALL=C exec sudo -n \#(shell)'"#
    }

    /// The bytes that the remote shell reads: environment, variables, payloads, the script.
    ///
    /// The whole is one compound command: a shell runs nothing of it before it has read its closing brace, so a connection that
    /// breaks half-way never runs half a script. dash reads its input in blocks, so nothing may follow before the marker is seen.
    package func wire(keepsInput: Bool = false) throws(UnsendableVariable) -> [UInt8] {
        var bytes = Array(
            """
            {
            set -u
            umask 077
            LC_ALL=C
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            export LC_ALL PATH

            """.utf8)
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            guard Self.isName(name), !value.utf8.contains(0) else { throw UnsendableVariable(name: name) }
            bytes += "\(name)='".utf8
            for byte in value.utf8 {
                if byte == UInt8(ascii: "'") { bytes += #"'\''"#.utf8 } else { bytes.append(byte) }
            }
            bytes += "'\n".utf8
        }
        for (name, secret) in payloads.sorted(by: { $0.key < $1.key }) {
            guard Self.isName(name) else { throw UnsendableVariable(name: name) }
            bytes += "\(name)='".utf8
            bytes += base64(unsafe secret.withBytes { unsafe Array($0) })
            bytes += "'\n".utf8
        }
        if !keepsInput { bytes += "exec </dev/null\n".utf8 }
        bytes += "printf '%s\\n' \(Self.marker)\n".utf8
        bytes += text.utf8
        bytes += "\nexit\n}\n".utf8
        return bytes
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !isDigit(first) else { return false }
        return text.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

private func base64(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for digit in 0..<4 {
            output.append(digit <= group.count ? alphabet[word >> (18 - 6 * digit) & 0x3F] : UInt8(ascii: "="))
        }
    }
    return output
}
