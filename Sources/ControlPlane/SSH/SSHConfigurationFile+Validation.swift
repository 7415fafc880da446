package import Reconciliation

/// A value that ssh could take for more than itself.
package struct UnsafeSSHValue: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nil for what is the same for all hosts.
    package let host: HostName?
    package let option: String

    package var description: String {
        "the \(option)" + (host.map { " of \"\($0)\"" } ?? "")
            + " holds a character that ssh gives a meaning of its own: quotes, backslashes, "
            + "percent signs, control characters and, at the beginning, hyphens are refused"
    }
}

extension SSHConfigurationFile {
    /// Checks once more, behind the readers of the inputs, that each value is one word to ssh.
    func validate() throws(UnsafeSSHValue) {
        try check(hostKeys.knownHostsFile, "known_hosts file", nil, Self.isPath)
        for host in inventory.hosts {
            let access = host.ssh
            try check(host.name.text, "name", host) { Self.isPlain($0) }
            try check(host.address, "address", host)
            try check(access.user, "user", host)
            try check(access.hostKey, "host key", host, Self.isPublicKey)
            for path in [access.privateKeyFile, access.certificateFile] {
                try check(path, "key file", host, Self.isPath)
            }
            try check(access.agentSocket, "agent socket", host) { agent in
                Self.isPath(agent) && (!agent.hasPrefix("env:") || Self.isVariableName(agent.dropFirst(4)))
            }
            guard let bastion = access.bastion else { continue }
            try check(bastion.address, "bastion's address", host)
            try check(bastion.user, "bastion's user", host)
            try check(bastion.hostKey, "bastion's host key", host, Self.isPublicKey)
            try check(bastion.privateKeyFile, "bastion's key file", host, Self.isPath)
        }
    }

    private func check(
        _ value: String?, _ option: String, _ host: Host?, _ isSafe: (String) -> Bool = Self.isWord
    ) throws(UnsafeSSHValue) {
        guard let value, !isSafe(value) else { return }
        throw UnsafeSSHValue(host: host?.name, option: option)
    }

    /// Nothing that ends a quoted word, is expanded, or begins an option.
    private static func isQuotable(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
                    && !"\"'\\%`".unicodeScalars.contains(scalar)
            }
    }

    private static func isWord(_ text: String) -> Bool {
        isQuotable(text) && !text.contains(" ") && !text.contains("$")
    }

    private static func isPath(_ text: String) -> Bool {
        isQuotable(text) && !text.contains("$")
    }

    /// An alias is a pattern on a `Host` line.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
    }

    private static func isVariableName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }

    /// `ssh-ed25519 AAAA…`, perhaps with a comment of plain words behind it.
    private static func isPublicKey(_ text: String) -> Bool {
        let words = text.split(separator: " ")
        return isQuotable(text) && words.count >= 2
            && words[0].utf8.allSatisfy { isAlphanumeric($0) || "-.@".utf8.contains($0) }
            && words[1].utf8.allSatisfy { isAlphanumeric($0) || "+/=".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
