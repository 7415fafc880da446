internal import Reconciliation

extension HostProbe {
    /// What stands on the host otherwise than atrest would have left it, other than the keys.
    package var drift: [String] {
        guard let pod else { return [] }
        var found: [String] = []
        if rollbackCopy != nil, loaded() == .unknown {
            found.append("a step was cut short, and nobody can know what its API server has loaded")
        }
        guard let named = pod.manifest.encryptionConfiguration else { return found }
        let path = configurationPath
        if named.hostPath == nil { found.append("\"\(named.path)\" is not mounted into the API server's container") }
        if let file = files[path], let attributes = file.attributes, attributes.kind == .regular {
            found += difference(path, attributes, wanted: "600")
        }
        if path == HostProbe.managedPath || path == HostProbe.customPath {
            let directory = "/etc/kubernetes/encryption-providers"
            // KubeOne leaves it to be listed by all, which shows nobody a key; the next write of ours closes it.
            if let attributes = files[directory]?.attributes, !attributes.isForRootToWrite {
                found += difference(directory, attributes, wanted: "700")
            }
        }
        for socket in kmsSockets where pod.manifest.hostPath(of: socket) == nil {
            found.append("the KMS socket \"\(socket)\" is not mounted into the API server's container")
        }
        return found
    }

    private func difference(_ path: String, _ attributes: HostFile.Attributes, wanted mode: String) -> [String] {
        var found: [String] = []
        if attributes.mode != mode { found.append("\"\(path)\" has mode \(attributes.mode) instead of \(mode)") }
        if !attributes.isOwnedByRoot {
            found.append("\"\(path)\" belongs to \(attributes.user):\(attributes.group) instead of root")
        }
        return found
    }
}

extension HostFile.Attributes {
    fileprivate var isOwnedByRoot: Bool { user == 0 && group == 0 }

    fileprivate var isForRootToWrite: Bool {
        guard let bits = Int(mode, radix: 8) else { return false }
        return isOwnedByRoot && bits & 0o022 == 0
    }
}
