internal import Reconciliation
internal import YAML

/// Walks through an encryption configuration and finds everything that is wrong with it.
///
/// What kube-apiserver refuses is refused: its decoding, and k8s.io/apiserver's pkg/apis/config/validation/validation.go
/// (from 1.30 on pkg/apis/apiserver/validation/validation_encryption.go). What it only passes over is passed over too in a
/// file that a live API server has, and is an error in what an operator asks for.
struct EncryptionFileReader {
    enum Mode {
        /// What an operator asks for.
        case wish
        /// What an API server on a host has, or would load; nil where nobody knows what it can do.
        case live(EncryptionSupport?)
    }

    let file: String
    let mode: Mode
    let text: MaskedText
    private(set) var material = KeyMaterial()
    private(set) var entries: [LocatedEntry] = []
    private var findings: [EncryptionFileError.Finding] = []

    init(_ content: SecretBytes, file: String, mode: Mode) {
        self.file = file
        self.mode = mode
        text = MaskedText(content, fields: ["secret"])
    }

    /// - Throws: `EncryptionFileError` with all that was found.
    mutating func read() throws {
        let root = try document(text.bytes)
        guard let fields = fields(of: root, "", allowing: ["apiVersion", "kind", "resources"]) else { throw error }
        guard checkKind(fields) else { throw error }
        for (index, node) in items(fields, "resources").enumerated() {
            try entry(node, "resources[\(index)]")
        }
        if case .wish = mode { findings += WishRules(entries: entries).findings }
        guard findings.isEmpty else { throw error }
    }

    mutating func report(_ problem: String, _ node: Node) { report(problem, node.start) }

    mutating func report(_ problem: String, _ mark: Mark) {
        findings.append(.init(line: mark.line, column: mark.column, problem: problem))
    }

    mutating func learn(_ new: KeyMaterial) { material.merge(new) }

    private var error: EncryptionFileError { EncryptionFileError(file: file, findings: findings) }

    /// Every kube-apiserver takes the second spelling too (pkg/apis/config/v1/register.go: "due to a docs bug").
    private mutating func checkKind(_ fields: ConfigurationFields) -> Bool {
        guard let version = string(fields, "apiVersion"), let kind = string(fields, "kind") else { return false }
        if (version, kind) == ("apiserver.config.k8s.io/v1", "EncryptionConfiguration")
            || (version, kind) == ("v1", "EncryptionConfig")
        {
            return true
        }
        report(
            "apiVersion \(EncryptionFileError.quote(version)), kind \(EncryptionFileError.quote(kind)) is not an "
                + "encryption configuration; it must be apiserver.config.k8s.io/v1, EncryptionConfiguration",
            fields.node)
        return false
    }

    private func document(_ bytes: [UInt8]) throws -> Node {
        func problem(_ problem: String, line: Int = 1, column: Int = 1) -> EncryptionFileError {
            EncryptionFileError(file: file, findings: [.init(line: line, column: column, problem: problem)])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw problem("the file is not UTF-8 text") }
        // The API server reads what begins like this as JSON only, where YAML's liberties are errors.
        let isJSON = text.first { !$0.isWhitespace } == "{"
        do {
            guard let root = isJSON ? try Node.parseJSON(bytes) : try Node.parse(text), !root.isNull else {
                throw problem("the file is empty")
            }
            return root
        } catch let error as YAMLError {
            let reason = isJSON ? " (what begins with \"{\" is read as JSON)" : ""
            throw problem(redacted(error.problem) + reason, line: error.line, column: error.column)
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

    private mutating func entry(_ node: Node, _ path: String) throws {
        guard let fields = fields(of: node, path, allowing: ["resources", "providers"]) else { return }
        let resources = items(fields, "resources").compactMap { resource($0, path) }
        var keys: [Located<Key>] = []
        for (index, item) in items(fields, "providers").enumerated() {
            keys += try provider(item, "\(path).providers[\(index)]")
        }
        entries.append(LocatedEntry(resources: resources, keys: keys))
    }

    /// A live API server reads `secrets.` as `secrets` (schema.ParseGroupResource), and wildcards only from 1.27 on.
    private mutating func resource(_ item: Node, _ path: String) -> Located<ResourceName>? {
        guard let name = item.string, !name.isEmpty else {
            report("\(path).resources must be a list of resource names", item)
            return nil
        }
        guard case .live(let support) = mode else { return Located(ResourceName(name), item) }
        if name.hasPrefix("*") { return support?.knowsWildcards == false ? nil : Located(ResourceName(name), item) }
        return Located(ResourceName(name.hasSuffix(".") ? String(name.dropLast()) : name), item)
    }

    private mutating func provider(_ node: Node, _ path: String) throws -> [Located<Key>] {
        let names = ["aescbc", "aesgcm", "secretbox", "kms", "identity"]
        guard let fields = fields(of: node, path, allowing: names) else { return [] }
        guard let (name, value) = fields.values.first, fields.values.count == 1 else {
            report("\(path) must hold exactly one of \(names.joined(separator: ", "))", node)
            return []
        }
        let path = "\(path).\(name)"
        if let provider = LocalProvider(rawValue: name) {
            guard let fields = self.fields(of: value, path, allowing: ["keys"]) else { return [] }
            var keys: [Located<Key>] = []
            for (index, item) in items(fields, "keys").enumerated() {
                if let key = try localKey(item, provider, "\(path).keys[\(index)]") { keys.append(key) }
            }
            return keys
        }
        if name == "kms" { return kmsKey(value, path).map { [$0] } ?? [] }
        return self.fields(of: value, path, allowing: []) == nil ? [] : [Located(.identity, node)]
    }
}

/// A value and where it stands in a configuration.
struct Located<Value: Hashable & Sendable>: Hashable, Sendable {
    let value: Value
    let mark: Mark

    init(_ value: Value, _ node: Node) {
        self.value = value
        mark = node.start
    }

    func finding(_ problem: String) -> EncryptionFileError.Finding {
        .init(line: mark.line, column: mark.column, problem: problem)
    }
}

/// One item of a configuration's `resources`.
struct LocatedEntry: Hashable, Sendable {
    let resources: [Located<ResourceName>]
    let keys: [Located<Key>]
}
