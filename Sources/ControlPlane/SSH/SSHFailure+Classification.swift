internal import Reconciliation

extension SSHFailure.Reason {
    /// What ssh's messages at the opening of a connection mean, with the line that says it.
    static func opening(_ messages: String) -> (reason: SSHFailure.Reason, words: String) {
        let lines = messages.split(whereSeparator: \.isNewline)
        for (reason, phrases) in openings {
            for phrase in phrases {
                guard let line = lines.first(where: { $0.contains(phrase) }) else { continue }
                // Why a key was not even offered stands in a line of its own.
                let key = lines.first { $0.hasPrefix("Load key") || $0.hasPrefix("no such identity") }
                let causes = reason == .authenticationRefused ? [key, line] : [line]
                return (reason, plainLine(causes.compactMap(\.self).joined(separator: "; ")))
            }
        }
        return (.clientFailed, plainLine(lines.last ?? ""))
    }

    /// What ssh says of keys that it had not known, and of those that it could not remember.
    static func newHostKeys(_ messages: String) -> [String] {
        messages.split(whereSeparator: \.isNewline)
            .filter { $0.contains("Permanently added") || $0.contains("Failed to add the host") }.map(plainLine)
    }

    /// The last line that is not only ssh's farewell, safe to print.
    static func lastWords(_ messages: String) -> String {
        let lines = messages.split(whereSeparator: \.isNewline).filter { line in
            !line.hasPrefix("Connection closed by UNKNOWN") && !line.hasPrefix("kex_exchange_identification")
                && !line.hasPrefix("banner exchange")
        }
        return plainLine(lines.last ?? "")
    }

    static let forwardingForbiddenPhrase = "administratively prohibited"
    static let sessionRefusedPhrase = "Session open refused by peer"

    /// In the order in which they are looked for: ssh prints the cause first and its consequences behind it.
    private static let openings: [(SSHFailure.Reason, [String])] = [
        (.clientFailed, ["Bad configuration option", "terminating,", "Bad owner or permissions"]),
        (
            .changedHostKey,
            ["has changed and you have requested strict checking", "IDENTIFICATION HAS CHANGED", "REVOKED HOST KEY"]
        ),
        (.unknownHostKey, ["host key is known for", "Host key verification failed"]),
        (
            .authenticationRefused,
            ["Permission denied", "Too many authentication failures", "No supported authentication"]
        ),
        (
            .unreachable,
            [
                "Connection refused", "timed out", "timeout", "No route to host", "Network is unreachable",
                "Could not resolve hostname", "Name or service not known", "stdio forwarding failed",
                "Connection reset", "Connection closed", "no matching",
            ]
        ),
    ]

    /// One line that a terminal can be shown, and of a bearable length: it comes from the other side.
    static func plainLine(_ line: some StringProtocol) -> String {
        // Without those at its ends: a Windows line ends in a carriage return.
        let scalars = line.unicodeScalars.drop { !$0.isPrintable }.reversed().drop { !$0.isPrintable }.reversed()
        return String(String.UnicodeScalarView(scalars)).printable(limit: 300)
    }
}
