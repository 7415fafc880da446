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
    package func wire(keepsInput: Bool = false) throws(UnsendableVariable) -> SecretBytes {
        var wire = SecretText()
        wire.append(
            """
            {
            set -u
            umask 077
            LC_ALL=C
            PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
            export LC_ALL PATH
            ulimit -c 0

            """)
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            guard Self.isName(name), !value.utf8.contains(0) else { throw UnsendableVariable(name: name) }
            let quoted = value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
            wire.append("\(name)='\(quoted)'\n")
        }
        for (name, secret) in payloads.sorted(by: { $0.key < $1.key }) {
            guard Self.isName(name) else { throw UnsendableVariable(name: name) }
            wire.append("\(name)='")
            wire.append(base64: secret)
            wire.append("'\n")
        }
        if !keepsInput { wire.append("exec </dev/null\n") }
        wire.append("printf '%s\\n' \(Self.marker)\n")
        wire.append(text)
        wire.append("\nexit\n}\n")
        return wire.bytes()
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
