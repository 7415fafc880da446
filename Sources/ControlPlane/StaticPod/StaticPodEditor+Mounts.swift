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
        let unwanted = mountItems.enumerated().filter { $1.map(isUnwanted) == true }
        let items = Set(unwanted.map { YAMLStep.index($0.offset) })
        let path = mounts
        try edit { yaml throws(UneditableYAML) in try yaml.remove(items, from: path) }
        try removeVolumes(Set(unwanted.compactMap(\.element?.name)))
    }

    /// Removes volumes of ours that nothing mounts.
    mutating func removeUnmountedVolumes() throws(UneditableManifest) {
        try removeVolumes(Set(volumePaths.filter { $0.path != nil }.map(\.name).filter(VolumeName.isOurs)))
    }

    /// Removes those of these volumes that no container mounts.
    private mutating func removeVolumes(_ names: Set<String>) throws(UneditableManifest) {
        let spec = yaml.root["spec"]
        let containers = ["containers", "initContainers"].flatMap { spec?.items($0) ?? [] }
        let mounted = containers.flatMap { $0.items("volumeMounts") }.compactMap { $0["name"]?.scalar }
        let unwanted = names.subtracting(mounted)
        let items = volumePaths.enumerated().filter { unwanted.contains($1.name) }.map { YAMLStep.index($0.offset) }
        try edit { yaml throws(UneditableYAML) in try yaml.remove(Set(items), from: Self.volumes) }
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

    private var liveMounts: [HostMount] { mountItems.compactMap(\.self) }

    /// What each item of the API server's mounts comes to; nil for one that is not of the host.
    private var mountItems: [HostMount?] {
        guard let spec = yaml.root["spec"], let container = yaml.root[mounts.dropLast()] else { return [] }
        return StaticPodManifest.mounts(of: container, volumes: spec.items("volumes"))
    }
}
