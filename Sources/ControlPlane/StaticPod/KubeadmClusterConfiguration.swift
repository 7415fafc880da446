package import Reconciliation
internal import YAML

/// The text of the key `ClusterConfiguration` in the ConfigMap `kubeadm-config`: what the next `kubeadm upgrade` or join
/// builds API server manifests from.
package struct KubeadmClusterConfiguration: Sendable {
    /// What errors call the text.
    package let label: String
    /// The text that was read.
    package let text: String
    private let yaml: EditableYAML
    /// v1beta4 has a list of arguments, the versions before it a map.
    private let hasArgumentList: Bool

    /// Reads the key's text; errors call it `label`.
    package init(_ text: String, label: String = "kubeadm-config") throws(UnreadableManifest) {
        do {
            yaml = try EditableYAML(text)
        } catch {
            throw UnreadableManifest(file: label, line: error.line, column: error.column, problem: error.problem)
        }
        let versions = (1...4).map { "kubeadm.k8s.io/v1beta\($0)" }
        let version = yaml.root["apiVersion"]?.scalar ?? ""
        guard yaml.root["kind"]?.scalar == "ClusterConfiguration", let index = versions.firstIndex(of: version) else {
            throw UnreadableManifest(
                file: label, line: yaml.root.start.line, column: yaml.root.start.column,
                problem: "not a ClusterConfiguration of \(versions[0]) to v1beta4, which are the versions atrest knows")
        }
        hasArgumentList = index == 3
        self.text = text
        self.label = label
    }

    /// Whether the entries are there, as this path and these sockets need them.
    package func record(encryptionConfigurationPath path: String, kmsSockets: [KMSSocket]) -> KubeadmRecord {
        if encryptionConfigurationPath == nil, !volumes.contains(where: { VolumeName.isOurs($0.name) }) {
            return .absent
        }
        let wanted = Self.wanted(path, kmsSockets)
        guard encryptionConfigurationPath == path,
            wanted.allSatisfy({ mount in volumes.contains { $0.shows(mount.file) } })
        else { return .partial }
        let patched = try? patched(encryptionConfigurationPath: path, kmsSockets: kmsSockets)
        return patched == text ? .present : .excess
    }

    /// The value of the API server's flag; nil where it is not set.
    package var encryptionConfigurationPath: String? {
        argument(in: yaml).flatMap { yaml.root[$0]?.scalar }
    }

    /// The text with the flag and the volumes; the same text where they are there.
    package func patched(
        encryptionConfigurationPath path: String, kmsSockets: [KMSSocket]
    ) throws(UneditableManifest) -> String {
        let wanted = Self.wanted(path, kmsSockets)
        return try edited { yaml throws(UneditableYAML) in
            if let argument = argument(in: yaml) {
                if yaml.root[argument]?.scalar != path { try yaml.replaceScalar(at: argument, with: path) }
            } else {
                try yaml.insert(newArgument(path), into: Self.arguments)
            }
            let stale = volumes.filter { volume in
                VolumeName.isOurs(volume.name) && !wanted.contains { volume.shows($0.file) }
            }
            try Self.remove(stale, from: &yaml)
            var taken = Set(volumes.map(\.name)).subtracting(stale.map(\.name))
            for mount in wanted where !volumes.contains(where: { $0.shows(mount.file) }) {
                let name =
                    mount.purpose == .configuration
                    ? VolumeName.configuration : VolumeName.freeKMS(besides: taken)
                taken.insert(name)
                try yaml.insert(.item(mount.extraVolume(name)), into: Self.extraVolumes)
            }
        }
    }

    /// The text without the flag and without our volumes; the same text where there are none.
    package func unpatched() throws(UneditableManifest) -> String {
        let file = encryptionConfigurationPath
        return try edited { yaml throws(UneditableYAML) in
            try yaml.remove(Set(arguments(in: yaml)), from: Self.arguments)
            let unwanted = volumes.filter { VolumeName.isOurs($0.name) || file.map($0.isMounted(at:)) == true }
            try Self.remove(unwanted, from: &yaml)
        }
    }
}

extension KubeadmClusterConfiguration {
    private static let arguments: YAMLPath = ["apiServer", "extraArgs"]
    private static let extraVolumes: YAMLPath = ["apiServer", "extraVolumes"]

    private static func wanted(_ path: String, _ kmsSockets: [KMSSocket]) -> [WantedMount] {
        [WantedMount(configurationFile: path)] + kmsSockets.compactMap(WantedMount.init)
    }

    func edited(
        _ change: (inout EditableYAML) throws(UneditableYAML) -> Void
    ) throws(UneditableManifest) -> String {
        var yaml = yaml
        do throws(UneditableYAML) {
            try change(&yaml)
        } catch {
            throw UneditableManifest(error, file: label)
        }
        return yaml.text
    }

    /// Where the flag's value stands; of several the last one counts.
    private func argument(in yaml: EditableYAML) -> YAMLPath? {
        arguments(in: yaml).last.map { Self.arguments + [$0] + (hasArgumentList ? ["value"] : []) }
    }

    /// The flag among the arguments, each time that it stands there.
    private func arguments(in yaml: EditableYAML) -> [YAMLStep] {
        let name = FlagName.configuration
        let node = yaml.root[Self.arguments]
        guard hasArgumentList else { return node?[name] == nil ? [] : [.key(name)] }
        return (node?.sequence ?? []).enumerated().filter { $1["name"]?.scalar == name }.map { .index($0.offset) }
    }

    private func newArgument(_ path: String) -> YAMLChild {
        guard hasArgumentList else { return .field(FlagName.configuration, .string(path)) }
        return .item(.record([("name", .string(FlagName.configuration)), ("value", .string(path))]))
    }

    private var volumes: [HostMount] { Self.volumes(of: yaml) }

    private static func volumes(of yaml: EditableYAML) -> [HostMount] {
        (yaml.root[extraVolumes]?.sequence ?? []).map { volume in
            HostMount(
                name: volume["name"]?.scalar ?? "", hostPath: volume["hostPath"]?.scalar ?? "",
                mountPath: volume["mountPath"]?.scalar ?? "")
        }
    }

    private static func remove(_ unwanted: [HostMount], from yaml: inout EditableYAML) throws(UneditableYAML) {
        let unwanted = Set(unwanted)
        let items = volumes(of: yaml).enumerated().filter { unwanted.contains($1) }.map { YAMLStep.index($0.offset) }
        try yaml.remove(Set(items), from: extraVolumes)
    }
}

extension WantedMount {
    /// The mount as kubeadm's configuration has it.
    fileprivate func extraVolume(_ name: String) -> YAMLTree {
        .record([
            ("name", .string(name)), ("hostPath", .string(path)), ("mountPath", .string(path)),
            ("readOnly", .literal("true")), ("pathType", .string(type)),
        ])
    }
}
