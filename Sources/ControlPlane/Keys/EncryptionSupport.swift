internal import Reconciliation

/// What of an encryption configuration an API server can carry out.
///
/// From k8s.io/apiserver: pkg/features/kube_features.go for the gates, pkg/server/options/encryptionconfig/config.go and
/// pkg/apis/config/validation/validation.go (later pkg/apis/apiserver/validation) for what each release knows.
package struct EncryptionSupport: Hashable, Sendable {
    package let version: KubernetesVersion
    /// The gates that `--feature-gates` sets.
    package let featureGates: [String: Bool]
    /// `--encryption-provider-config-automatic-reload`.
    package let reloads: Bool

    package init(version: KubernetesVersion, featureGates: [String: Bool] = [:], reloads: Bool = false) {
        self.version = version
        self.featureGates = featureGates
        self.reloads = reloads
    }

    /// What a host's API server can do; nil where its image's tag tells no version.
    package init?(_ pod: APIServerPod) {
        guard let version = pod.version.flatMap(KubernetesVersion.init) else { return nil }
        self.init(version: version, featureGates: pod.flags.featureGates, reloads: pod.flags.reloadsEncryption)
    }

    /// Fields that the configuration does not have are errors; before, they are passed over.
    var isStrict: Bool { version >= KubernetesVersion(1, 31) }

    /// `apiVersion` of a KMS is known; before, it is passed over, and every KMS speaks v1.
    var knowsKMSVersions: Bool { version >= KubernetesVersion(1, 25) }

    /// `*.*` and `*.<group>` stand for resources; before, no resource has such a name, and the entry does nothing.
    var knowsWildcards: Bool { version >= KubernetesVersion(1, 27) }

    /// Custom resources are encrypted; before, they are plain text whatever the configuration says.
    var encryptsCustomResources: Bool { version >= KubernetesVersion(1, 26) }

    /// A negative `cachesize` switches the cache off.
    var knowsNegativeCacheSize: Bool { version >= KubernetesVersion(1, 18) }

    /// Why this API server takes no KMS of a version, and what to do; nil where it takes it.
    func obstacle(to kms: KMSVersion) -> String? {
        switch kms {
        case .v1:
            if featureGates["KMSv1"] ?? (version < KubernetesVersion(1, 29)) { return nil }
            return
                "KMS v1 is off in Kubernetes \(version): use apiVersion v2 with a plugin that speaks it, or give every API "
                + "server --feature-gates=KMSv1=true first"
        case .v2:
            if version < KubernetesVersion(1, 25) { return "Kubernetes \(version) has no KMS v2: it came with 1.25" }
            // The gate is locked to true from 1.29 on.
            if version >= KubernetesVersion(1, 29) { return nil }
            let isAlpha = version < KubernetesVersion(1, 27)
            let whole = isAlpha ? featureGates["AllAlpha"] ?? false : featureGates["AllBeta"] ?? true
            if featureGates["KMSv2"] ?? whole { return nil }
            return "KMS v2 is off in these API servers of Kubernetes \(version): give every one "
                + "--feature-gates=KMSv2=true first"
        }
    }
}

extension CommandLineFlags {
    /// What all `--feature-gates` set together; the last word on a gate counts.
    fileprivate var featureGates: [String: Bool] {
        let settings = flags.filter { $0.name == "feature-gates" }.flatMap { $0.value.split(separator: ",") }
        return settings.reduce(into: [:]) { gates, setting in
            let parts = setting.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return }
            gates[String(parts[0])] = ["true", "True", "TRUE", "t", "T", "1"].contains(parts[1])
        }
    }
}
