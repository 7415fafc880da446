internal import Reconciliation
internal import YAML

/// Walks through an encryption configuration, and refuses what kube-apiserver's strict decoding and validation refuse.
struct EncryptionFileReader {
    let file: String
    private let text: MaskedText
    private(set) var material = KeyMaterial()

    init(_ content: SecretBytes, file: String) {
        self.file = file
        text = MaskedText(content, fields: ["secret"])
    }

    mutating func configuration() throws -> EncryptionConfiguration {
        let root = try document(text.bytes)
        let fields = try fields(of: root, "the file", allowing: ["apiVersion", "kind", "resources"])
        let version = try string(fields, "apiVersion", of: root, "")
        let kind = try string(fields, "kind", of: root, "")
        guard
            (version, kind) == ("apiserver.config.k8s.io/v1", "EncryptionConfiguration")
                || (version, kind) == ("v1", "EncryptionConfig")
        else {
            throw problem(
                "apiVersion \(EncryptionFileError.quote(version)), kind \(EncryptionFileError.quote(kind)) is not an "
                    + "encryption configuration; it must be apiserver.config.k8s.io/v1, EncryptionConfiguration", root)
        }
        let entries = try items(fields, "resources", of: root, "").enumerated().map { index, node in
            try entry(node, "resources[\(index)]")
        }
        return EncryptionConfiguration(entries: entries)
    }

    private func document(_ bytes: [UInt8]) throws -> Node {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw EncryptionFileError(file: file, line: 1, column: 1, problem: "the file is not UTF-8 text")
        }
        // The API server reads what begins like this as JSON only, where YAML's liberties are errors.
        let isJSON = text.first { !$0.isWhitespace } == "{"
        do {
            guard let root = isJSON ? try Node.parseJSON(bytes) : try Node.parse(text), !root.isNull else {
                throw EncryptionFileError(file: file, line: 1, column: 1, problem: "the file is empty")
            }
            return root
        } catch let error as YAMLError {
            let reason = isJSON ? " (what begins with \"{\" is read as JSON)" : ""
            throw EncryptionFileError(
                file: file, line: error.line, column: error.column, problem: redacted(error.problem) + reason)
        }
    }

    /// The only words of the file itself in a parser's message stand in quotes, and might be a misplaced secret.
    private func redacted(_ problem: String) -> String {
        guard let first = problem.firstIndex(of: "\""), let last = problem.lastIndex(of: "\""), first < last else {
            return problem
        }
        let word = String(problem[first...last].dropFirst().dropLast())
        return problem[..<first] + EncryptionFileError.quote(word) + problem[problem.index(after: last)...]
    }

    private mutating func entry(_ node: Node, _ path: String) throws -> EncryptionConfiguration.Entry {
        let fields = try fields(of: node, path, allowing: ["resources", "providers"])
        let resources = try items(fields, "resources", of: node, path).map { item in
            guard let name = item.string, !name.isEmpty else {
                throw problem("\(path).resources must be a list of resource names", item)
            }
            return ResourceName(name)
        }
        var keys: [Key] = []
        for (index, item) in try items(fields, "providers", of: node, path).enumerated() {
            keys += try provider(item, "\(path).providers[\(index)]")
        }
        return EncryptionConfiguration.Entry(resources: resources, keys: keys)
    }

    private mutating func provider(_ node: Node, _ path: String) throws -> [Key] {
        let names = ["aescbc", "aesgcm", "secretbox", "kms", "identity"]
        let fields = try fields(of: node, path, allowing: names)
        guard let (name, value) = fields.first, fields.count == 1 else {
            throw problem("\(path) must hold exactly one of \(names.joined(separator: ", "))", node)
        }
        let path = "\(path).\(name)"
        if let provider = LocalProvider(rawValue: name) {
            let fields = try self.fields(of: value, path, allowing: ["keys"])
            return try items(fields, "keys", of: value, path).enumerated().map { index, item in
                try localKey(item, provider, "\(path).keys[\(index)]")
            }
        }
        if name == "kms" { return [try kmsKey(value, path)] }
        _ = try self.fields(of: value, path, allowing: [])
        return [.identity]
    }

    private mutating func localKey(_ node: Node, _ provider: LocalProvider, _ path: String) throws -> Key {
        let fields = try fields(of: node, path, allowing: ["name", "secret"])
        let name = try string(fields, "name", of: node, path)
        guard let secret = try secret(fields, of: node, path) else {
            throw problem("\(path).secret is not base64", fields["secret"] ?? node)
        }
        guard provider.secretSizes.contains(secret.count) else {
            let sizes = provider.secretSizes.map(String.init).joined(separator: ", ")
            throw problem(
                "\(path).secret has \(secret.count) bytes, \(provider.rawValue) needs \(sizes)",
                fields["secret"] ?? node)
        }
        let key = Key.local(provider: provider, name: name, fingerprint: try secret.fingerprint())
        material.merge(KeyMaterial(secrets: [key: secret]))
        return key
    }

    private mutating func kmsKey(_ node: Node, _ path: String) throws -> Key {
        let fields = try fields(of: node, path, allowing: ["apiVersion", "name", "cachesize", "endpoint", "timeout"])
        let versionText = fields["apiVersion"] == nil ? "v1" : try string(fields, "apiVersion", of: node, path)
        guard let version = KMSVersion(rawValue: versionText) else {
            throw problem("\(path).apiVersion must be v1 or v2", fields["apiVersion"] ?? node)
        }
        let name = try string(fields, "name", of: node, path)
        let endpoint = try string(fields, "endpoint", of: node, path)
        guard KMSSocket(endpoint: endpoint) != nil else {
            throw problem(
                "\(path).endpoint must be a Unix socket such as unix:///run/kms/socket", fields["endpoint"] ?? node)
        }
        let options = KMSOptions(
            cacheSize: try cacheSize(fields["cachesize"], version, path), timeout: try timeout(fields["timeout"], path))
        let key = Key.kms(version: version, name: name, endpoint: endpoint)
        material.merge(KeyMaterial(kmsOptions: [key: options]))
        return key
    }

    private func cacheSize(_ node: Node?, _ version: KMSVersion, _ path: String) throws -> Int? {
        guard let node else { return nil }
        guard case .scalar(let text, isPlain: true) = node.content, let size = Int32(text), size != 0 else {
            throw problem("\(path).cachesize must be a number other than 0", node)
        }
        guard version == .v1 else { throw problem("\(path).cachesize does not exist in KMS v2: leave it out", node) }
        return Int(size)
    }

    private func timeout(_ node: Node?, _ path: String) throws -> String? {
        guard let node else { return nil }
        guard let text = node.string, GoDuration.isPositive(text) else {
            throw problem("\(path).timeout must be a duration above zero, such as 3s", node)
        }
        return text
    }
}

// MARK: - Fields

extension EncryptionFileReader {
    private func problem(_ problem: String, _ node: Node) -> EncryptionFileError {
        EncryptionFileError(file: file, line: node.start.line, column: node.start.column, problem: problem)
    }

    /// The fields of a mapping by name; one that is null counts as left out.
    private func fields(of node: Node, _ path: String, allowing names: [String]) throws -> [String: Node] {
        guard let pairs = node.mapping else { throw problem("\(path) must be a mapping", node) }
        var fields: [String: Node] = [:]
        for pair in pairs {
            guard let name = pair.key.scalar, names.contains(name) else {
                let found = pair.key.scalar.map(EncryptionFileError.quote) ?? "this"
                throw problem("\(found) is no field of \(path)", pair.key)
            }
            if !pair.value.isNull { fields[name] = pair.value }
        }
        return fields
    }

    private func string(_ fields: [String: Node], _ name: String, of node: Node, _ path: String) throws -> String {
        let path = path.isEmpty ? name : "\(path).\(name)"
        let found = try scalar(fields, name, of: node, path)
        guard !text.isPlaceholder(found) else {
            throw problem("\(path) must not hold what reads like a field with a secret", fields[name] ?? node)
        }
        return found
    }

    private func scalar(_ fields: [String: Node], _ name: String, of node: Node, _ path: String) throws -> String {
        guard let value = fields[name] else { throw problem("\(path) is missing", node) }
        guard let text = value.string, !text.isEmpty else {
            throw problem("\(path) must be a string (put a number or a boolean in quotes)", value)
        }
        return text
    }

    private func secret(_ fields: [String: Node], of node: Node, _ path: String) throws -> SecretBytes? {
        let found = try scalar(fields, "secret", of: node, "\(path).secret")
        if let masked = text.secret(found) { return SecretBytes(base64: masked) }
        return SecretBytes(base64: found.utf8)
    }

    private func items(_ fields: [String: Node], _ name: String, of node: Node, _ path: String) throws -> [Node] {
        let path = path.isEmpty ? name : "\(path).\(name)"
        guard let value = fields[name] else { throw problem("\(path) is missing", node) }
        guard let items = value.sequence, !items.isEmpty else {
            throw problem("\(path) must be a list with at least one item", value)
        }
        return items
    }
}

extension LocalProvider {
    /// The sizes in bytes that a secret may have.
    var secretSizes: [Int] {
        switch self {
        case .aescbc, .aesgcm: [16, 24, 32]
        case .secretbox: [32]
        }
    }
}
