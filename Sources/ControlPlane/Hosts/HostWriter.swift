package import Reconciliation

/// Changes files on hosts: one host's step, its way back, and its end.
package struct HostWriter: Sendable {
    private let shell: RemoteShell
    private let root: String

    /// The shell is one that the lock guards, so that nothing is written for a run that has lost its lock.
    package init(guarded shell: RemoteShell, root: String = "") {
        self.shell = shell
        self.root = root
    }

    /// Writes a step's files on the host that was probed.
    ///
    /// Nothing is written that is already so (and where all is, nothing restarts), and nothing at all if the host has changed since the probe (`HostChanged`) or a
    /// path is not safe to write to (`UnsafePath`). Returns a moment behind the configuration's write and before the manifest's:
    /// a process that started later, with the wanted flag, has loaded what is on disk. The health is the host's before the step.
    @discardableResult
    package func install(
        _ step: HostStep, on probe: HostProbe, health: HostHealth = .ready, metric: String? = nil
    ) async throws -> HostMoment {
        let served = probe.served(metric: metric)
        var variables = variables(step.configurationPath, manifestPath: probe.pod?.path)
        variables["atrest_expected"] = expected(probe, step.configurationPath)
        variables["atrest_previous_path"] = probe.configurationPath
        variables["atrest_copy"] = probe.rollbackChoice(health: health, metric: metric).rawValue
        variables["atrest_loaded"] = served?.digest ?? "unknown"
        variables["atrest_loaded_start"] = served.map { String($0.start.ticks) } ?? "unknown"
        variables["atrest_configuration_digest"] = try step.configuration?.sha256Hex() ?? "unchanged"
        let manifest = step.manifest.map { SecretBytes($0.utf8) }
        variables["atrest_manifest_digest"] = try manifest?.sha256Hex() ?? "unchanged"
        let payloads = [
            "atrest_configuration": step.configuration ?? .empty, "atrest_manifest": manifest ?? .empty,
        ]
        return try moment(await run(HostScript.install, variables, payloads, on: probe.host))
    }

    /// Puts back what stood before the step: the configuration, then the manifest.
    ///
    /// The copy stays until `commit`. Returns a moment as `install` does.
    @discardableResult
    package func rollBack(_ copy: RollbackCopy, on host: HostName) async throws -> HostMoment {
        var variables = variables(copy.configurationPath, manifestPath: copy.manifestPath)
        variables["atrest_recorded_path"] = copy.servedPath
        return try moment(await run(HostScript.rollback, variables, on: host))
    }

    /// Removes the copy for a rollback and what killed runs left behind; the step's postcondition holds.
    package func commit(_ probe: HostProbe) async throws {
        let variables = variables(probe.configurationPath, manifestPath: probe.pod?.path)
        _ = try await run(HostScript.commit, variables, on: probe.host)
    }

    /// Removes a configuration that the manifest does not name any more, once no process that was started with it is left.
    ///
    /// `digest` is that of the file as it was looked at; one that is gone already is fine.
    package func removeConfiguration(_ path: String, digest: String?, on probe: HostProbe) async throws {
        guard probe.pod?.configurationPath != path else { throw ConfigurationInUse(path: path) }
        var variables = variables(path, manifestPath: probe.pod?.path)
        variables["atrest_expected"] = expected(probe, probe.configurationPath)
        variables["atrest_configuration_digest"] = digest ?? "absent"
        _ = try await run(HostScript.remove, variables, on: probe.host)
    }

    private func variables(_ configurationPath: String, manifestPath: String?) -> [String: String] {
        [
            "atrest_root": root, "atrest_configuration_path": configurationPath,
            "atrest_manifest_path": manifestPath ?? "", "atrest_recorded_path": configurationPath,
        ]
    }

    /// The digests that a plan was made from: of the manifest, the file that it names and the file that is written.
    private func expected(_ probe: HostProbe, _ path: String) -> String {
        let configurations = Set([path, probe.configurationPath]).sorted()
        let files =
            configurations.map { ($0, probe.files[$0]?.digest) }
            + [probe.pod?.file].compactMap(\.self).map { ($0.path, $0.digest) }
        return files.map { "\($0.1 ?? "absent") \($0.0)" }.joined(separator: "\n")
    }

    private func run(
        _ text: String, _ variables: [String: String], _ payloads: [String: SecretBytes] = [:], on host: HostName
    ) async throws -> Frames {
        let script = RemoteScript(
            HostScript.frames + HostScript.writes + text,
            variables: variables, payloads: payloads)
        let output = try await shell.run(script, host, .seconds(60))
        let frames = Frames(output.standardOutput)
        if output.status == 0, frames.isComplete { return frames }
        let path = SSHFailure.Reason.plainLine(frames.text("stopped") ?? "")
        let reason = SSHFailure.Reason.plainLine(frames.text("stopped.reason") ?? "")
        switch output.status {
        case 81: throw HostChanged(host: host, path: path)
        case 82: throw UnsafePath(host: host, path: path, reason: reason)
        default:
            let words = path.isEmpty ? HostScriptFailed.lastWords(output.standardError) : "\"\(path)\" \(reason)"
            throw HostScriptFailed(status: output.status, lastWords: words)
        }
    }

    private func moment(_ frames: Frames) throws(HostScriptFailed) -> HostMoment {
        guard let bootID = frames.text("boot_id"), let ticks = frames.text("uptime").flatMap({ UInt64($0) }) else {
            throw HostScriptFailed(status: 0, lastWords: "")
        }
        return HostMoment(bootID: bootID, ticks: ticks)
    }
}
