internal import YAML

/// The static pod of a host's kube-apiserver, as its manifest has it.
package struct APIServerPod: Sendable {
    package let file: HostFile
    /// The manifest's text, byte for byte.
    package let text: String
    package let flags: APIServerFlags
    package let image: String?
    package let mounts: [Mount]

    /// A hostPath volume where the container sees it.
    package struct Mount: Hashable, Sendable {
        package let hostPath: String
        package let mountPath: String
    }

    package var path: String { file.path }

    /// The path on the host of what the container sees at a path; nil where nothing of the host is mounted there.
    package func hostPath(of path: String) -> String? {
        let mount = mounts.filter { path == $0.mountPath || path.hasPrefix($0.mountPath + "/") }
            .max { $0.mountPath.utf8.count < $1.mountPath.utf8.count }
        return mount.map { $0.hostPath + path.dropFirst($0.mountPath.count) }
    }

    /// The host's path of the encryption configuration that the flag names; nil without the flag.
    ///
    /// Where nothing is mounted there, the path itself: an API server could not find the file, and the drift says so.
    package var configurationPath: String? {
        flags.encryptionProviderConfig.map { hostPath(of: $0) ?? $0 }
    }

    /// The image's tag: `v1.20.2`.
    package var version: String? {
        guard let name = image?.split(separator: "/").last?.split(separator: "@").first else { return nil }
        let parts = name.split(separator: ":")
        return parts.count == 2 ? String(parts[1]) : nil
    }
}

extension APIServerPod {
    /// Nil where the manifest is another component's.
    init?(_ file: HostFile) throws {
        guard let text = file.text else { throw UnreadableStaticPod(path: file.path, problem: "it is not UTF-8 text") }
        let document: Node?
        do { document = try Node.parse(text) } catch {
            throw UnreadableStaticPod(path: file.path, problem: "\(error)")
        }
        guard let spec = document?["spec"],
            let container = spec["containers"]?.sequence?.first(where: APIServerPod.isAPIServer)
        else { return nil }
        let words = APIServerPod.words(of: container)
        let flags = APIServerFlags(words: Array(words.drop { !$0.hasPrefix("--") }))
        guard !flags.etcdServers.isEmpty else {
            throw UnreadableStaticPod(path: file.path, problem: "its kube-apiserver has no --etcd-servers of its own")
        }
        self.init(
            file: file, text: text, flags: flags, image: container["image"]?.scalar,
            mounts: APIServerPod.mounts(of: container, in: spec))
    }

    private static func words(of container: Node) -> [String] {
        ["command", "args"].flatMap { container[$0]?.sequence ?? [] }.compactMap(\.scalar)
    }

    private static func isAPIServer(_ container: Node) -> Bool {
        container["name"]?.scalar == "kube-apiserver"
            || words(of: container).prefix(2).contains { $0.split(separator: "/").last == "kube-apiserver" }
    }

    private static func mounts(of container: Node, in spec: Node) -> [Mount] {
        var hostPaths: [String: String] = [:]
        for volume in spec["volumes"]?.sequence ?? [] {
            guard let name = volume["name"]?.scalar else { continue }
            hostPaths[name] = volume["hostPath"]?["path"]?.scalar
        }
        return (container["volumeMounts"]?.sequence ?? []).compactMap { mount in
            guard let name = mount["name"]?.scalar, let hostPath = hostPaths[name],
                let mountPath = mount["mountPath"]?.scalar
            else { return nil }
            let below = mount["subPath"]?.scalar.map { "/" + $0 } ?? ""
            return Mount(hostPath: withoutTrailingSlash(hostPath) + below, mountPath: withoutTrailingSlash(mountPath))
        }
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}

/// A manifest that cannot be made sense of.
package struct UnreadableStaticPod: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package var description: String { "cannot make sense of the static pod manifest \"\(path)\": \(problem)" }
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
