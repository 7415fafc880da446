package import Reconciliation
internal import YAML

/// A key as the archive holds it, opened.
package struct ArchivedKey: Sendable {
    package let label: ArchiveLabel
    package let secret: SecretBytes
    /// The control-plane hosts of the cluster when the key was archived.
    package let hosts: [HostName]

    init(label: ArchiveLabel, secret: SecretBytes, hosts: [HostName]) {
        self.label = label
        self.secret = secret
        self.hosts = hosts
    }

    package var material: KeyMaterial { KeyMaterial(secrets: [label.key: secret]) }
}

// MARK: - JSON

extension ArchivedKey {
    /// What is encrypted: one JSON object and a line feed.
    func json() -> SecretBytes {
        let hosts = hosts.map { PlainScalar.quoted($0.text) }.joined(separator: ",")
        var text = SecretText()
        text.append(#"{"name":\#(PlainScalar.quoted(label.name)),"provider":"\#(label.provider.rawValue)","secret":""#)
        text.append(base64: secret)
        text.append(#"","cluster":\#(PlainScalar.quoted(label.cluster)),"hosts":[\#(hosts)],"date":"\#(label.date)"}"#)
        text.append("\n")
        return text.bytes()
    }

    /// Reads what was encrypted; nil where it is nothing that the archive writes.
    init?(json: SecretBytes) throws {
        guard let (secret, rest) = unsafe json.withBytes({ unsafe Self.takingOutSecret(of: $0) }),
            let root = try? Node.parseJSON(rest), let provider = root["provider"].flatMap(LocalProvider.init),
            provider.secretSizes.contains(secret.count),
            let name = root["name"]?.scalar, let cluster = root["cluster"]?.scalar, let date = root["date"]?.scalar,
            let hosts = root["hosts"]?.sequence,
            let label = ArchiveLabel(
                cluster: cluster,
                key: .local(provider: provider, name: name, fingerprint: try secret.fingerprint()), date: date)
        else { return nil }
        self.init(label: label, secret: secret, hosts: hosts.compactMap(\.scalar).map(HostName.init))
    }

    /// The secret, and the text without it: what is parsed becomes strings that nobody cleanses.
    private static func takingOutSecret(of json: UnsafeRawBufferPointer) -> (secret: SecretBytes, rest: [UInt8])? {
        // A quote within a string has a backslash in front: this is the field's name, wherever it stands.
        let field = Array(#""secret":""#.utf8)
        guard let start = (0..<json.count).first(where: { unsafe json[$0...].starts(with: field) }) else {
            return nil
        }
        let text = unsafe json[(start + field.count)...].prefix { $0 != UInt8(ascii: "\"") }
        guard let secret = unsafe SecretBytes(base64: text) else { return nil }
        return unsafe (secret, Array(json[..<text.startIndex]) + Array(json[text.endIndex...]))
    }
}

extension LocalProvider {
    fileprivate init?(_ node: Node) {
        guard let text = node.scalar else { return nil }
        self.init(rawValue: text)
    }
}
