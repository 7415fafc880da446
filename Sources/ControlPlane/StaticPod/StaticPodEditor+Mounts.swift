internal import YAML

extension StaticPodEditor {
    private static let volumes: YAMLPath = ["spec", "volumes"]

    private var mounts: YAMLPath {
        ["spec", "containers", .index(manifest.containerIndex), "volumeMounts"]
    }

    /// Without a mount for the configuration that of now is left as it is.
    mutating func setMounts(configuration: WantedMount?, kmsSockets: [KMSSocket]) throws(UneditableManifest) {
        let wanted = [configuration].compactMap(\.self) + kmsSockets.compactMap(WantedMount.init)
        try removeMounts { mount in
            VolumeName.isKMS(mount.name) && !wanted.contains { mount.shows($0.file) }
        }
        for mount in wanted where !liveMounts.contains(where: { $0.shows(mount.file) }) {
            try add(mount)
        }
    }

    /// Removes mounts of the API server's, and those of their volumes that nothing mounts any more.
    mutating func removeMounts(where isUnwanted: (HostMount) -> Bool) throws(UneditableManifest) {
        for mount in liveMounts.filter(isUnwanted) {
            let index = yaml.root[mounts]?.sequence?.firstIndex {
                $0["name"]?.scalar == mount.name && $0["mountPath"]?.scalar.map(mount.isMounted(at:)) == true
            }
            guard let index else { continue }
            let path = mounts + [.index(index)]
            try edit { yaml throws(UneditableYAML) in try yaml.remove(at: path) }
            try removeVolume(mount.name)
        }
    }

    /// Removes volumes of ours that nothing mounts.
    mutating func removeUnmountedVolumes() throws(UneditableManifest) {
        for (name, path) in volumePaths where path != nil && VolumeName.isOurs(name) {
            try removeVolume(name)
        }
    }

    private mutating func removeVolume(_ name: String) throws(UneditableManifest) {
        let spec = yaml.root["spec"]
        let containers = ["containers", "initContainers"].flatMap { spec?.items($0) ?? [] }
        let isMounted = containers.contains { $0.items("volumeMounts").contains { $0["name"]?.scalar == name } }
        guard !isMounted, let index = volumePaths.firstIndex(where: { $0.name == name }) else { return }
        try edit { yaml throws(UneditableYAML) in try yaml.remove(at: Self.volumes + [.index(index)]) }
    }

    private mutating func add(_ mount: WantedMount) throws(UneditableManifest) {
        guard !mount.isTooWide || mount.purpose == .kms else {
            throw refusal(
                1,
                "\(mount.file) is mounted by nothing, and \(mount.path) holds too much else to be mounted for it; "
                    + "move the file to a directory of its own, and run again")
        }
        if let other = liveMounts.first(where: { $0.isMounted(at: mount.path) }), !other.shows(mount.file) {
            throw refusal(
                1,
                "\(mount.file) has to be seen by the API server, and \"\(other.hostPath)\" of the host is mounted at "
                    + "\(mount.path); mount \(mount.path) itself there, and run again")
        }
        let name = try volumeName(for: mount)
        if !volumePaths.contains(where: { $0.name == name }) {
            let hostPath = YAMLTree.record([("path", .string(mount.path)), ("type", .string(mount.type))])
            let volume = YAMLTree.record([("hostPath", hostPath), ("name", .string(name))])
            try edit { yaml throws(UneditableYAML) in try yaml.insert(.item(volume), into: Self.volumes) }
        }
        guard !liveMounts.contains(where: { $0.shows(mount.file) }) else { return }
        let item = YAMLTree.record([
            ("mountPath", .string(mount.path)), ("name", .string(name)), ("readOnly", .literal("true")),
        ])
        let path = mounts
        try edit { yaml throws(UneditableYAML) in try yaml.insert(.item(item), into: path) }
    }

    /// The name of a volume for a mount: one that is there for the same path, else a new one.
    private func volumeName(for mount: WantedMount) throws(UneditableManifest) -> String {
        let taken = volumePaths
        switch mount.purpose {
        case .configuration:
            let name = VolumeName.configuration
            if let other = taken.firstIndex(where: { $0.name == name && $0.path != mount.path }) {
                let line = yaml.root[Self.volumes + [.index(other)]]?.start.line ?? 1
                throw refusal(
                    line,
                    "the volume \"\(name)\" is there for something else than \(mount.path); "
                        + "give it another name, and run again")
            }
            return name
        case .kms:
            if let own = taken.first(where: { VolumeName.isKMS($0.name) && $0.path == mount.path }) { return own.name }
            return VolumeName.freeKMS(besides: Set(taken.map(\.name)))
        }
    }

    /// Every volume's name, with its path on the host where it has one.
    private var volumePaths: [(name: String, path: String?)] {
        (yaml.root[Self.volumes]?.sequence ?? []).map { volume in
            (volume["name"]?.scalar ?? "", volume["hostPath"]?["path"]?.scalar)
        }
    }

    private var liveMounts: [HostMount] {
        guard let spec = yaml.root["spec"], let container = yaml.root[mounts.dropLast()] else { return [] }
        return StaticPodManifest.mounts(of: container, volumes: spec.items("volumes"))
    }
}
