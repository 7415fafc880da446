internal import Reconciliation

/// What an operator may not ask for, although each part for itself can be read.
///
/// The rules on resources are those of kube-apiserver 1.27 and later, for every version: an older one takes the same text and
/// encrypts nothing by it. Those on keys are stricter than any: it looks at no two keys together.
struct WishRules {
    let entries: [LocatedEntry]

    var findings: [EncryptionFileError.Finding] {
        keyFindings + entries.flatMap(repeatedKeys)
            + entries.flatMap(\.resources).compactMap { resource in
                ResourceRule.problem(with: resource.value.text).map(resource.finding)
            } + entries.flatMap(overlaps) + masked
    }

    /// A name stands for one key, a secret for one name; the same key may stand in several entries.
    private var keyFindings: [EncryptionFileError.Finding] {
        var byName: [String: Key] = [:]
        var bySecret: [Fingerprint: Key] = [:]
        var findings: [EncryptionFileError.Finding] = []
        for key in entries.flatMap(\.keys) where key.value != .identity {
            let other = byName[key.value.name, default: key.value]
            byName[key.value.name] = other
            if other != key.value {
                findings.append(key.finding(Self.clash(of: key.value, with: other)))
            }
            guard case .local(_, let name, let fingerprint) = key.value else { continue }
            let twin = bySecret[fingerprint, default: key.value]
            bySecret[fingerprint] = twin
            if twin.name != name {
                findings.append(
                    key.finding(
                        "the secret of the key \(EncryptionFileError.quote(name)) is that of "
                            + "\(EncryptionFileError.quote(twin.name)) too: make one for each key"))
            }
        }
        return findings
    }

    private static func clash(of key: Key, with other: Key) -> String {
        let name = EncryptionFileError.quote(key.name)
        switch (key, other) {
        case (.kms(let version, _, _), .kms(let otherVersion, _, _)) where version == otherVersion:
            return "the KMS name \(name) stands for two endpoints: give each plugin a name of its own"
        case (.local(let provider, _, _), .local(let otherProvider, _, _)) where provider == otherProvider:
            return
                "the key name \(name) stands for two secrets, which an API server confuses for some objects: give each "
                + "key a name of its own"
        default:
            return
                "the key name \(name) stands here for another provider's key than above: give each key a name of its own"
        }
    }

    private func repeatedKeys(in entry: LocatedEntry) -> [EncryptionFileError.Finding] {
        var seen: Set<Key> = []
        return entry.keys.filter { !seen.insert($0.value).inserted }.map { key in
            let what = key.value == .identity ? "identity" : "the key \(EncryptionFileError.quote(key.value.name))"
            return key.finding("\(what) stands twice in this entry: leave the second one out")
        }
    }

    /// As validateResourceOverlap.
    private func overlaps(in entry: LocatedEntry) -> [EncryptionFileError.Finding] {
        entry.resources.enumerated().compactMap { index, resource in
            for earlier in entry.resources[..<index] {
                if earlier.value == resource.value {
                    return resource.finding("\(ResourceRule.quote(resource.value.text)) stands twice in this list")
                }
                if earlier.value.covers(resource.value) || resource.value.covers(earlier.value) {
                    return resource.finding(
                        "\(ResourceRule.quote(resource.value.text)) and \(ResourceRule.quote(earlier.value.text)) overlap in "
                            + "one list: give the wildcard an entry of its own, behind the other")
                }
            }
            return nil
        }
    }

    /// As getTransformerOverridesAndKMSPluginProbes: no entry may name what an earlier entry's wildcard covers.
    private var masked: [EncryptionFileError.Finding] {
        var wildcards: [ResourceName] = []
        return entries.flatMap { entry in
            defer { wildcards += entry.resources.map(\.value).filter(\.isWildcard) }
            return entry.resources.compactMap { resource in
                let mask = wildcards.first { $0 == resource.value || $0.covers(resource.value) }
                return mask.map { mask in
                    resource.finding(
                        "\(ResourceRule.quote(resource.value.text)) is masked by \(ResourceRule.quote(mask.text)) in an "
                            + "earlier entry: put the wildcard's entry behind this one")
                }
            }
        }
    }
}
