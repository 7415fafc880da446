internal import Reconciliation
internal import YAML

extension EncryptionFileReader {
    mutating func localKey(_ node: Node, _ provider: LocalProvider, _ path: String) throws -> Located<Key>? {
        guard let fields = fields(of: node, path, allowing: ["name", "secret"]) else { return nil }
        let name = keyName(fields)
        guard let secret = self.secret(fields, provider), let name else { return nil }
        let key = Key.local(provider: provider, name: name, fingerprint: try secret.fingerprint())
        learn(KeyMaterial(secrets: [key: secret]))
        return Located(key, node)
    }

    mutating func kmsKey(_ node: Node, _ path: String) -> Located<Key>? {
        let names = ["apiVersion", "name", "cachesize", "endpoint", "timeout"]
        guard let fields = fields(of: node, path, allowing: names) else { return nil }
        let version = kmsVersion(fields)
        let name = keyName(fields)
        let endpoint = self.endpoint(fields)
        let timeout = self.timeout(fields)
        guard let version else { return nil }
        let cacheSize = self.cacheSize(fields, version)
        guard let name, let endpoint else { return nil }
        let key = Key.kms(version: version, name: name, endpoint: endpoint)
        learn(KeyMaterial(kmsOptions: [key: KMSOptions(cacheSize: cacheSize, timeout: timeout)]))
        return Located(key, node)
    }

    /// Stricter for a wish than the API server, which takes every name for a local key and for KMS v1.
    ///
    /// It finds a key by the bytes up to the next `:` of a stored value.
    private mutating func keyName(_ fields: ConfigurationFields) -> String? {
        guard let name = string(fields, "name") else { return nil }
        guard case .wish = mode, let node = fields["name"] else { return name }
        if name.contains(":") {
            report("\(fields.path("name")) must not hold \":\", which ends a key's name in what is stored", node)
            return nil
        }
        guard name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            report("\(fields.path("name")) must not hold control characters", node)
            return nil
        }
        return name
    }

    /// Go's base64.StdEncoding and the key sizes of validateKey.
    private mutating func secret(_ fields: ConfigurationFields, _ provider: LocalProvider) -> SecretBytes? {
        guard let found = scalar(fields, "secret"), let node = fields["secret"] else { return nil }
        let secret = text.secret(found).map { SecretBytes(base64: $0) } ?? SecretBytes(base64: found.utf8)
        guard let secret else {
            report("\(fields.path("secret")) is not base64", node)
            return nil
        }
        guard provider.secretSizes.contains(secret.count) else {
            let sizes = provider.secretSizes.map(String.init).joined(separator: ", ")
            report(
                "\(fields.path("secret")) has \(secret.count) bytes, \(provider.rawValue) needs \(sizes)", node)
            return nil
        }
        return secret
    }

    private mutating func kmsVersion(_ fields: ConfigurationFields) -> KMSVersion? {
        if case .live(let support?) = mode, !support.knowsKMSVersions { return .v1 }
        guard let node = fields["apiVersion"] else { return .v1 }
        guard let text = string(fields, "apiVersion") else { return nil }
        guard let version = KMSVersion(rawValue: text) else {
            report("\(fields.path("apiVersion")) must be v1 or v2", node)
            return nil
        }
        return version
    }

    /// As validateKMSEndpoint, and only what ParseEndpoint can dial.
    ///
    /// For a wish also nothing that the API server takes and that leads elsewhere than it looks.
    private mutating func endpoint(_ fields: ConfigurationFields) -> String? {
        guard let endpoint = string(fields, "endpoint"), let node = fields["endpoint"] else { return nil }
        guard let socket = KMSSocket(endpoint: endpoint) else {
            report("\(fields.path("endpoint")) must be a Unix socket such as unix:///run/kms/socket", node)
            return nil
        }
        guard case .wish = mode else { return endpoint }
        switch socket {
        case .path(let path) where endpoint != "unix://" + path:
            report("\(fields.path("endpoint")) must have three slashes in front, as in unix:///run/kms/socket", node)
        case .abstract(let name) where endpoint != "unix:///" + name:
            report("\(fields.path("endpoint")) must be written unix:///@name where the socket is abstract", node)
        case .path(let path) where path.utf8.count > KMSSocket.longestPath,
            .abstract(let path) where path.utf8.count > KMSSocket.longestPath:
            report(
                "\(fields.path("endpoint")) is longer than the \(KMSSocket.longestPath) bytes of a socket's path", node)
        default: return endpoint
        }
        return nil
    }

    /// As validateKMSCacheSize: for v1 any number but 0 (below 0 there is no cache), for v2 none.
    private mutating func cacheSize(_ fields: ConfigurationFields, _ version: KMSVersion) -> Int? {
        guard let node = fields["cachesize"] else { return nil }
        guard case .scalar(let text, isPlain: true) = node.content, let size = Int32(text), size != 0 else {
            report("\(fields.path("cachesize")) must be a number other than 0", node)
            return nil
        }
        guard version == .v1 else {
            report("\(fields.path("cachesize")) does not exist in KMS v2: leave it out", node)
            return nil
        }
        return Int(size)
    }

    /// As metav1.Duration and validateKMSTimeout.
    private mutating func timeout(_ fields: ConfigurationFields) -> String? {
        guard let node = fields["timeout"] else { return nil }
        guard let text = node.string, GoDuration.isPositive(text) else {
            report("\(fields.path("timeout")) must be a duration above zero, such as 3s", node)
            return nil
        }
        return text
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
