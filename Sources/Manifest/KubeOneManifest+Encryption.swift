internal import YAML

extension KubeOneManifest {
    /// What `features.encryptionProviders` asks for.
    package enum Encryption: Hashable, Sendable {
        /// The section is absent, or `enable` is false.
        case disabled
        case managed
        case custom(CustomConfigurationText)
    }

    private static let section = "encryptionProviders"

    /// The section that asks for encryption; nil where there is none.
    static func encryptionProviders(in manifest: Fields, _ findings: inout Findings) -> Fields? {
        if let misplaced = manifest[section] {
            findings.add("\(section) belongs under features, here it has no effect", at: misplaced.start)
        }
        guard let features = manifest.fields("features", nil, &findings) else { return nil }
        features.refuseMisspelt([section], &findings)
        return features.fields(section, nil, &findings)
    }

    static func encryption(in providers: Fields, text: String, _ findings: inout Findings) -> Encryption {
        providers.refuseUnknown(known: ["enable", "customEncryptionConfiguration"], &findings)
        let enable = providers.bool("enable", &findings)
        let custom = customText(in: providers, manifest: text, &findings)
        if custom != nil, !providers.has("enable") {
            findings.add(
                "\(section) has a customEncryptionConfiguration but no enable: say true or false", at: providers.start)
        }
        guard enable == true else { return .disabled }
        return custom.map(Encryption.custom) ?? .managed
    }

    private static func customText(
        in providers: Fields, manifest: String, _ findings: inout Findings
    ) -> CustomConfigurationText? {
        let field = "customEncryptionConfiguration"
        guard let node = providers[field] else { return nil }
        guard case .scalar(let text, _) = node.content else {
            let kind = node.kind
            findings.add("\(field) must be a string, here stands \(kind): begin it with \"|\"", at: node.start)
            return nil
        }
        // KubeOne takes an empty string for none.
        if text.isEmpty { return nil }
        if text.allSatisfy(\.isWhitespace) {
            findings.add("\(field) is blank: give a configuration, or leave the field out", at: node.start)
            return nil
        }
        return CustomConfigurationText(text: text, node: node, manifest: manifest, file: findings.file)
    }
}
