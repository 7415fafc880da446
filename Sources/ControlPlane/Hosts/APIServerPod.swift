/// The static pod of a host's kube-apiserver.
package struct APIServerPod: Sendable {
    /// The manifest's file.
    package let file: HostFile
    package let manifest: StaticPodManifest

    package var path: String { file.path }
    package var flags: CommandLineFlags { manifest.flags }

    /// The path on the host of what the container sees at a path, or the path itself where nothing is mounted there.
    package func hostPath(of path: String) -> String { manifest.hostPath(of: path) ?? path }

    /// The host's path of the encryption configuration that the flag names; nil without the flag.
    package var configurationPath: String? {
        manifest.encryptionConfiguration.map { $0.hostPath ?? $0.path }
    }

    /// The image's tag: `v1.20.2`.
    package var version: String? {
        guard let name = manifest.image?.split(separator: "/").last?.split(separator: "@").first else { return nil }
        let parts = name.split(separator: ":")
        return parts.count == 2 ? String(parts[1]) : nil
    }

    /// Reads a manifest's file.
    ///
    /// - Throws: `UnreadableManifest` where it is not that of a kube-apiserver whose flags can be told.
    init(_ file: HostFile) throws(UnreadableManifest) {
        func problem(_ problem: String) -> UnreadableManifest {
            UnreadableManifest(file: file.path, line: 1, column: 1, problem: problem)
        }
        guard file.content != nil else { throw problem("larger than 1 MiB") }
        guard let text = file.text else { throw problem("not UTF-8 text") }
        manifest = try StaticPodManifest(text, file: file.path)
        self.file = file
        guard !manifest.flags.etcdServers.isEmpty else {
            throw problem("its kube-apiserver has no --etcd-servers of its own")
        }
    }
}

/// More than one manifest for one static pod.
package struct AmbiguousManifest: Error, Hashable, Sendable, CustomStringConvertible {
    package let paths: [String]

    package var description: String {
        let list = paths.map { "\"\($0)\"" }.joined(separator: " and ")
        return """
            \(list) are both static pod manifests of a kube-apiserver, and the kubelet runs whichever it reads last: move the \
            wrong one out of the directory, then run the same command again
            """
    }
}
