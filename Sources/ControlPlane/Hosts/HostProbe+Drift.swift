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
        let state = "/var/lib/atrest"
        if let attributes = files[state]?.attributes, !attributes.isForRootToWrite {
            found += difference(state, attributes, wanted: "700")
        }
        // Its mode and group are somebody else's choice, as long as nobody but root can write to it.
        if let attributes = pod.file.attributes,
            attributes.user != 0 || attributes.modeWithoutWriters != attributes.mode
        {
            found += difference(pod.path, attributes, wanted: attributes.modeWithoutWriters)
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

    fileprivate var isForRootToWrite: Bool { isOwnedByRoot && modeWithoutWriters == mode }

    /// The mode that lets nobody but the owner write.
    fileprivate var modeWithoutWriters: String {
        Int(mode, radix: 8).map { String($0 & ~0o022, radix: 8) } ?? mode
    }
}
