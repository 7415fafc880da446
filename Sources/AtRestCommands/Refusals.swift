internal import Reconciliation

/// Why a key cannot be replaced; it begins with KubeOne's words.
enum CannotRotate: Error, Hashable, CustomStringConvertible {
    /// The manifest does not enable encryption.
    case disabled
    /// The manifest has the operator's own configuration.
    case custom
    /// These hosts still run with the operator's own configuration.
    case liveCustom([HostName])
    case unhealthy(HostName, failing: [String])

    var description: String {
        switch self {
        case .disabled:
            "encryption Providers support is not enabled for this cluster: the manifest does not enable it, so there is no "
                + "key to rotate"
        case .custom:
            "key rotation of custom providers file is not supported: change the configuration in the manifest instead"
        case .liveCustom(let hosts):
            "key rotation of custom providers file is not supported: \(hosts.map(\.text).joined(separator: ", ")) still "
                + "\(hosts.count == 1 ? "has" : "have") one. Run apply without rotating first, so that the managed one "
                + "takes its place"
        case .unhealthy(let host, let failing):
            "cluster is not healthy, encryption key rotation is not supported: the API server of \(host) fails "
                + "(\(failing.joined(separator: ", "))). Run apply without rotating, which mends what an encryption "
                + "configuration can mend, or mend it by hand; then rotate"
        }
    }
}

/// `--rewrite` where etcd itself shows all that is stale.
struct NothingToRewrite: Error, CustomStringConvertible {
    let description =
        "--rewrite is for what a KMS v2 encrypts, and the manifest has no configuration that writes with one; for all other keys "
        + "etcd shows what is to be rewritten, and apply without --rewrite does it"
}

/// A custom configuration decrypts something, and nobody is there to be asked.
struct MissingAllowDecrypt: Error, CustomStringConvertible {
    let warnings: [String]

    var description: String {
        "Nothing was changed: \(warnings.joined(separator: "; ")). Run it again with --allow-decrypt if that is meant."
    }
}

/// The plan changes a provisioned cluster, and the operator did not allow that.
struct MissingForceUpgrade: Error, CustomStringConvertible {
    let rotates: Bool

    var description: String {
        (rotates ? "rotating encryption keys requires the --force-upgrade flag. " : "")
            + "Nothing was changed: the cluster is provisioned, and a change restarts its API servers. Run it again with "
            + "--force-upgrade to carry this plan out."
    }
}

/// A refusal, and what is wrong with the hosts' configuration files or was not in the archive: that may be why.
struct RefusedAsFound: Error, CustomStringConvertible {
    let refusal: Refusal
    let observed: ObservedCluster
    /// The directory in the operator's archive that keys were looked for in.
    let searched: String?

    var description: String {
        var lines = ["\(refusal)"]
        if case .keyMissing(let form, _, _) = refusal, let searched {
            lines.append("  not found in \(searched): a file with the key \(form)")
        }
        for host in observed.hosts {
            for finding in observed.findings(on: host) {
                switch finding {
                case .fileMissing, .fileUnusable, .flagMissing: lines.append("  found on \(host.name): \(finding)")
                case .notLoaded, .failing, .drift: break
                }
            }
        }
        return lines.joined(separator: "\n")
    }
}
