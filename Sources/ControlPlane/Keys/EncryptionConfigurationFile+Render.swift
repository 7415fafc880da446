package import Reconciliation

extension EncryptionConfigurationFile {
    /// The file that gives an API server this configuration; the same input always gives the same bytes.
    ///
    /// - Throws: `MissingSecret` where `material` lacks one of the keys.
    package static func render(
        _ configuration: EncryptionConfiguration, _ material: KeyMaterial
    ) throws(MissingSecret) -> SecretBytes {
        var text = SecretText()
        text.append("apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n")
        for entry in configuration.entries {
            text.append("- providers:\n")
            try text.append(entry.keys, material)
            text.append("  resources:\n")
            for resource in entry.resources {
                text.append("  - \(scalar(resource.text))\n")
            }
        }
        return text.bytes()
    }

    fileprivate static func scalar(_ text: String) -> String {
        PlainScalar.isSafe(text) ? text : PlainScalar.quoted(text)
    }
}

/// A key that a file is to hold and whose secret is on no host.
package struct MissingSecret: Error, Hashable, Sendable, CustomStringConvertible {
    package let key: Key

    package var description: String {
        "the secret of \"\(key)\" is on no host; restore the configuration file that holds it and run again"
    }
}

extension SecretText {
    /// Providers in order; consecutive keys of one local provider share a block.
    fileprivate mutating func append(_ keys: [Key], _ material: KeyMaterial) throws(MissingSecret) {
        var open: LocalProvider?
        for key in keys {
            switch key {
            case .identity:
                append("  - identity: {}\n")
                open = nil
            case .local(let provider, let name, _):
                guard let secret = material.secrets[key] else { throw MissingSecret(key: key) }
                if open != provider { append("  - \(provider.rawValue):\n      keys:\n") }
                open = provider
                append("      - name: \(EncryptionConfigurationFile.scalar(name))\n        secret: ")
                append(quoting: secret)
                append("\n")
            case .kms(let version, let name, let endpoint):
                append(kms: version, name: name, endpoint: endpoint, material.kmsOptions[key] ?? KMSOptions())
                open = nil
            }
        }
    }

    /// The secret's base64, in quotes where it has no padding and might be read as a number.
    private mutating func append(quoting secret: SecretBytes) {
        let quote = secret.count.isMultiple(of: 3) ? "\"" : ""
        append(quote)
        append(base64: secret)
        append(quote)
    }

    /// `apiVersion` is left out for v1, which servers from before v2 know by no name.
    private mutating func append(kms version: KMSVersion, name: String, endpoint: String, _ options: KMSOptions) {
        append("  - kms:\n")
        if version != .v1 { append("      apiVersion: \(version.rawValue)\n") }
        append("      name: \(EncryptionConfigurationFile.scalar(name))\n")
        append("      endpoint: \(EncryptionConfigurationFile.scalar(endpoint))\n")
        if let size = options.cacheSize { append("      cachesize: \(size)\n") }
        if let timeout = options.timeout { append("      timeout: \(timeout)\n") }
    }
}
