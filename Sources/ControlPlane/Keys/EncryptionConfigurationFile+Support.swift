internal import Reconciliation

extension EncryptionConfigurationFile {
    /// Refuses what API servers that can do this would not load, or would pass over and store as plain text.
    ///
    /// - Throws: `EncryptionFileError` with all that they cannot carry out.
    package func check(for support: EncryptionSupport, label: String) throws(EncryptionFileError) {
        let findings =
            kmsFindings(support)
            + entries.flatMap(\.resources).compactMap { resource in
                Self.obstacle(to: resource.value, support).map(resource.finding)
            }
        guard findings.isEmpty else { throw EncryptionFileError(file: label, findings: findings) }
    }

    private static func obstacle(to resource: ResourceName, _ support: EncryptionSupport) -> String? {
        let name = ResourceRule.quote(resource.text)
        if resource.isWildcard, !support.knowsWildcards {
            return
                "\(name) means nothing to Kubernetes \(support.version): wildcards came with 1.27. Name the resources one "
                + "by one"
        }
        if !support.encryptsCustomResources, !ResourceRule.isBuiltIn(resource) {
            return
                "Kubernetes \(support.version) would store \(name) as plain text: custom resources are encrypted from "
                + "1.26 on. Leave it out"
        }
        return nil
    }

    /// As validateKMSConfigName for uniqueness: KMS v2 always, v1 where the file is reloaded.
    private func kmsFindings(_ support: EncryptionSupport) -> [EncryptionFileError.Finding] {
        var names: Set<String> = []
        var findings: [EncryptionFileError.Finding] = []
        for key in entries.flatMap(\.keys) {
            guard case .kms(let version, let name, _) = key.value else { continue }
            if let obstacle = support.obstacle(to: version) { findings.append(key.finding(obstacle)) }
            if (material.kmsOptions[key.value]?.cacheSize ?? 1) < 0, !support.knowsNegativeCacheSize {
                findings.append(key.finding("a cachesize below 0 is known to Kubernetes from 1.18 on"))
            }
            if !names.insert(name).inserted, version == .v2 || support.reloads {
                let reason = version == .v2 ? "KMS v2" : "an API server that reloads its configuration"
                findings.append(
                    key.finding(
                        "the KMS \(EncryptionFileError.quote(name)) stands in a second entry, which \(reason) does not allow: "
                            + "name all its resources in one"))
            }
        }
        return findings
    }
}
