internal import YAML

/// A pinned public host key.
struct HostKey: Hashable {
    /// Type and base64, as `known_hosts` writes them behind the host.
    let knownHosts: String

    /// Reads the base64 of a key in SSH's wire format (RFC 4253, section 6.6), which names its own type.
    init(base64 text: String) throws(Refusal) {
        let advice = "give the second word of the host's /etc/ssh/ssh_host_ed25519_key.pub"
        guard !text.contains(" ") else {
            throw Refusal("is more than a key: \(advice) alone")
        }
        guard let bytes = Base64.decode(text) else { throw Refusal("is not base64: \(advice)") }
        guard let fields = Self.wireFields(bytes), let type = String(validating: fields[0], as: UTF8.self) else {
            throw Refusal("is not a public key in SSH's format: \(advice)")
        }
        guard let shape = Self.shapes[type] else {
            throw Refusal("is a key of the type \(type.quoted), which is not accepted: \(advice)")
        }
        let sizes = fields.dropFirst().map(\.count)
        guard sizes.count == shape.count, zip(sizes, shape).allSatisfy({ size, range in range.contains(size) }) else {
            throw Refusal("is a damaged \(type) key: \(advice)")
        }
        knownHosts = "\(type) \(text)"
    }

    /// The sizes of the fields behind the type, for each type that OpenSSH verifies hosts by.
    private static let shapes: [String: [ClosedRange<Int>]] = [
        "ssh-ed25519": [32...32],
        "ssh-rsa": [1...8, 128...2049],
        "ecdsa-sha2-nistp256": [8...8, 65...65],
        "ecdsa-sha2-nistp384": [8...8, 97...97],
        "ecdsa-sha2-nistp521": [8...8, 133...133],
        "sk-ssh-ed25519@openssh.com": [32...32, 1...1024],
        "sk-ecdsa-sha2-nistp256@openssh.com": [8...8, 65...65, 1...1024],
    ]

    /// The length-prefixed fields that make up the bytes exactly; at least one.
    private static func wireFields(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
        var fields: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return nil }
            fields.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return fields.isEmpty ? nil : fields
    }
}
