/// What atrest last wrote on a host: a process that started later has loaded this file, or a newer one.
package struct WriteRecord: Hashable, Sendable {
    package let path: String
    /// The lower-case hex SHA-256 of the file; nil where it was removed.
    package let digest: String?
    package let moment: HostMoment

    package init(path: String, digest: String?, moment: HostMoment) {
        self.path = path
        self.digest = digest
        self.moment = moment
    }

    init?(_ text: String) {
        let facts = Facts(text)
        guard let path = facts["path"], let digest = facts["digest"], let bootID = facts["boot_id"],
            let ticks = facts["uptime"].flatMap({ UInt64($0) })
        else { return nil }
        self.init(
            path: path, digest: digest == "absent" ? nil : digest, moment: HostMoment(bootID: bootID, ticks: ticks))
    }
}

/// What stood on a host before a step that is in progress, or that was cut short.
///
/// It stays until the API server has provably loaded what is on disk: until then it is what the process of before runs on, and
/// what the host is put back to. So a leftover copy is kept by the next step, never replaced by the unproven state on disk.
package struct RollbackCopy: Sendable {
    package let configurationPath: String
    package let manifestPath: String?
    /// The configuration file of before; nil where there was none.
    package let configuration: HostFile?
    package let manifest: HostFile?
    /// The process that served when the copy was made, and what it had loaded.
    package let served: ServedConfiguration?
    /// The SHA-256 of every configuration that a step began to write since.
    package let intended: Set<String>

    package init(
        configurationPath: String, manifestPath: String?, configuration: HostFile?, manifest: HostFile?,
        served: ServedConfiguration?, intended: Set<String> = []
    ) {
        self.configurationPath = configurationPath
        self.manifestPath = manifestPath
        self.configuration = configuration
        self.manifest = manifest
        self.served = served
        self.intended = intended
    }

    /// The path of the configuration that the manifest of before names: another one where the step moved it.
    var servedPath: String {
        let saved = try? manifest?.text.map { text in try StaticPodManifest(text, file: manifestPath ?? "") }
        return saved?.encryptionConfiguration.map { $0.hostPath ?? $0.path } ?? configurationPath
    }

    init?(_ text: String, configuration: HostFile?, manifest: HostFile?) {
        let facts = Facts(text)
        guard let path = facts["path"] else { return nil }
        self.init(
            configurationPath: path, manifestPath: facts["manifest"], configuration: configuration, manifest: manifest,
            served: ServedConfiguration(facts), intended: Set(facts.lines.filter { $0.name == "intended" }.map(\.value))
        )
    }
}

/// Which configuration a process has loaded, as the one who restarted it knew it.
package struct ServedConfiguration: Hashable, Sendable {
    /// The lower-case hex SHA-256 of the file.
    package let digest: String
    /// When the process started.
    package let start: HostMoment

    package init(digest: String, start: HostMoment) {
        self.digest = digest
        self.start = start
    }

    fileprivate init?(_ facts: Facts) {
        guard let digest = facts["loaded"], let bootID = facts["boot_id"],
            let ticks = facts["start"].flatMap({ UInt64($0) })
        else { return nil }
        self.init(digest: digest, start: HostMoment(bootID: bootID, ticks: ticks))
    }
}

/// The lines `name value` of a file in `/var/lib/atrest`.
private struct Facts {
    let lines: [(name: String, value: String)]

    init(_ text: String) {
        lines = text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
    }

    subscript(name: String) -> String? { lines.first { $0.name == name }?.value }
}
