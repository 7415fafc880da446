package import Reconciliation

extension HostProbe {
    /// Where atrest writes its own configuration; the same as KubeOne's.
    package static let managedPath = "/etc/kubernetes/encryption-providers/encryption-providers.yaml"
    /// Where atrest writes the operator's configuration; the same as KubeOne's.
    package static let customPath = "/etc/kubernetes/encryption-providers/custom-encryption-providers.yaml"

    /// The path of the configuration that counts: the flag's, or without the flag the managed one, or the custom one where
    /// only that is there.
    package var configurationPath: String {
        if let path = pod?.configurationPath { return path }
        let isCustom = files[HostProbe.managedPath]?.exists != true && files[HostProbe.customPath]?.exists == true
        return isCustom ? HostProbe.customPath : HostProbe.managedPath
    }

    /// Configurations that can be read and that do not count any more: a run died behind a move to another path.
    ///
    /// A path of the user's own is known from the copy for a rollback alone, which has the file as it was.
    package var strayConfigurations: [HostFile] {
        let strays: [HostFile]
        if let copy = rollbackCopy {
            guard !needsRollbackCopy() else { return [] }
            strays = [copy.configuration?.at(copy.servedPath)].compactMap(\.self)
        } else {
            strays = configurationFiles
        }
        return strays.filter { $0.path != configurationPath && readConfiguration($0).configuration != nil }
    }

    /// Every encryption configuration on the host: the one that counts first, without the copy for a rollback.
    package var configurationFiles: [HostFile] {
        var seen: Set<String> = []
        return [configurationPath, HostProbe.managedPath, HostProbe.customPath]
            .filter { seen.insert($0).inserted }
            .compactMap { files[$0] }.filter(\.exists)
    }

    /// The secrets of every encryption configuration on the host that can be read, the copy for a rollback included.
    package var keyMaterial: KeyMaterial {
        (configurationFiles + [rollbackCopy?.configuration].compactMap(\.self)).reduce(into: KeyMaterial()) {
            known, file in
            if case .success(let parsed)? = parse(file) { known.merge(parsed.material) }
        }
    }

    /// What `decide` wants to know; health is judged through the API, and the metric is that of `evidence(for:metric:)`.
    package func observed(metric: String? = nil, health: HostHealth) -> ObservedHost {
        ObservedHost(
            name: host, file: files[configurationPath].map(readConfiguration) ?? .absent,
            place: place, isFlagged: pod?.configurationPath != nil,
            loaded: loaded(metric: metric), lingering: lingering,
            health: pod == nil ? .notJoined : health, drift: drift,
            hasLeftovers: hasLeftovers(metric: metric),
            openStep: openStep(metric: metric), reloads: pod?.flags.reloadsEncryption ?? false)
    }

    private var place: ConfigurationPlace {
        switch configurationPath {
        case HostProbe.managedPath: .managed
        case HostProbe.customPath: .custom
        default: .elsewhere
        }
    }

    /// A copy for a rollback from which nothing was written yet, or everything was, speaks of no open step.
    private func openStep(metric: String?) -> Set<Key>? {
        guard let copy = rollbackCopy, loaded(metric: metric) != .disk else { return nil }
        return copy.configuration.flatMap { readConfiguration($0).configuration?.keys } ?? []
    }

    func readConfiguration(_ file: HostFile) -> ConfigurationFile {
        guard let attributes = file.attributes else { return .absent }
        guard attributes.kind == .regular else { return .unusable(reason: "\"\(file.path)\" is not a regular file") }
        return switch parse(file) {
        case .success(let parsed): .present(parsed.configuration, digest: parsed.digest)
        case .failure(let error): .unusable(reason: (error as? EncryptionFileError)?.summary ?? "\(error)")
        case nil: .unusable(reason: "\"\(file.path)\" is larger than 1 MiB")
        }
    }

    private func parse(_ file: HostFile) -> Result<EncryptionConfigurationFile, any Error>? {
        let support = pod.flatMap(EncryptionSupport.init)
        return file.content.map { content in
            Result { try EncryptionConfigurationFile(content, label: file.path, support: support) }
        }
    }

    /// What the manifest and the configuration name that a probe does not look at by itself.
    var referencedPaths: [String] {
        guard let pod else { return [] }
        let named = [
            pod.flags.etcdAuthority, pod.flags.etcdCertificate, pod.flags.etcdKey, pod.flags["client-ca-file"],
        ]
        return [pod.configurationPath].compactMap(\.self) + named.compactMap { $0.map(pod.hostPath) }
    }

    /// The socket in the filesystem of every KMS plugin that the configuration that counts names.
    package var kmsSockets: [String] {
        let paths = kmsKeys.compactMap { key -> String? in
            if case .path(let path)? = key.kmsSocket { path } else { nil }
        }
        return Set(paths).sorted()
    }
}
