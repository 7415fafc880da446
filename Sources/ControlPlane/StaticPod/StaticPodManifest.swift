internal import YAML

/// The static pod manifest of a kube-apiserver, as it stands in the kubelet's manifests directory.
package struct StaticPodManifest: Sendable {
    /// What errors call the text.
    package let file: String
    /// The text that was read.
    package let text: String
    /// The API server's flags, wherever they stand.
    package let flags: CommandLineFlags
    /// The container's image.
    package let image: String?
    let containerIndex: Int
    let words: [Word]
    let mounts: [HostMount]
    private let annotations: [String: String]

    /// A word of the command line and where it stands.
    struct Word: Sendable {
        let text: String
        let path: YAMLPath
        let line: Int
    }

    /// Reads a manifest's text; errors call it `file`.
    package init(_ text: String, file: String) throws(UnreadableManifest) {
        func problem(_ problem: String, _ node: Node?) -> UnreadableManifest {
            UnreadableManifest(
                file: file, line: node?.start.line ?? 1, column: node?.start.column ?? 1, problem: problem)
        }
        let root: Node
        do {
            root = try EditableYAML(text).root
        } catch {
            throw UnreadableManifest(file: file, line: error.line, column: error.column, problem: error.problem)
        }
        guard root["kind"]?.scalar == "Pod", let spec = root["spec"] else {
            throw problem("not the manifest of a pod", root)
        }
        let containers = spec.items("containers")
        guard let index = Self.apiServer(in: containers) else {
            throw problem("the pod has no container that runs kube-apiserver", spec["containers"] ?? spec)
        }
        self.file = file
        self.text = text
        containerIndex = index
        words = Self.words(of: containers[index], at: ["spec", "containers", .index(index)])
        flags = CommandLineFlags(words: words.map(\.text))
        image = containers[index]["image"]?.scalar
        mounts = Self.mounts(of: containers[index], volumes: spec.items("volumes")).compactMap(\.self)
        let annotations = root["metadata"]?["annotations"]?.mapping ?? []
        self.annotations = Dictionary(
            annotations.compactMap { pair in pair.key.scalar.flatMap { key in pair.value.scalar.map { (key, $0) } } },
            uniquingKeysWith: { _, last in last })
    }

    package func annotation(_ name: String) -> String? { annotations[name] }

    /// The digest of the configuration file that the last write of ours went with.
    package var configurationDigest: String? { annotation(AnnotationName.digest) }

    /// The encryption configuration that the flag names.
    package struct ConfigurationPath: Hashable, Sendable {
        /// As the API server sees it.
        package let path: String
        /// Where the file is on the host; nil where nothing mounts it.
        package let hostPath: String?
    }

    /// The encryption configuration that the flag names; nil without the flag.
    package var encryptionConfiguration: ConfigurationPath? {
        guard let path = flags.encryptionProviderConfig else { return nil }
        return ConfigurationPath(path: path, hostPath: hostPath(of: path))
    }

    /// Where a path that the API server sees is on the host; nil where nothing mounts it.
    package func hostPath(of path: String) -> String? {
        // The innermost mount is the one that is seen.
        mounts.filter { $0.hostPath(of: path) != nil }.max { $0.mountPath.count < $1.mountPath.count }?
            .hostPath(of: path)
    }

    private static func apiServer(in containers: [Node]) -> Int? {
        containers.firstIndex { $0["name"]?.scalar == "kube-apiserver" }
            ?? containers.firstIndex { container in
                (container.items("command") + container.items("args")).contains {
                    $0.scalar?.split(separator: "/").last == "kube-apiserver"
                }
            }
    }

    private static func words(of container: Node, at path: YAMLPath) -> [Word] {
        ["command", "args"].flatMap { key in
            container.items(key).enumerated().map { index, node in
                Word(text: node.scalar ?? "", path: path + [.key(key), .index(index)], line: node.start.line)
            }
        }
    }

    /// Each item of a container's mounts; nil for one that is not of the host.
    static func mounts(of container: Node, volumes: [Node]) -> [HostMount?] {
        let hostPaths = Dictionary(
            volumes.map { ($0["name"]?.scalar, $0["hostPath"]?["path"]?.scalar) },
            uniquingKeysWith: { first, _ in first })
        return container.items("volumeMounts").map { mount in
            guard let name = mount["name"]?.scalar, let mountPath = mount["mountPath"]?.scalar,
                let hostPath = hostPaths[name] ?? nil
            else { return nil }
            let subPath = mount["subPath"]?.scalar.map { "/" + $0 } ?? ""
            return HostMount(name: name, hostPath: hostPath + subPath, mountPath: mountPath)
        }
    }
}

/// The flags that atrest sets.
enum FlagName {
    static let configuration = "encryption-provider-config"
}

/// The annotations that atrest sets.
enum AnnotationName {
    static let digest = "atrest.dev/encryption-config-sha256"
    /// Only there to make the kubelet start the pod anew where nothing else changed.
    static let restart = "atrest.dev/restart"
}
