package import Reconciliation

extension HostProbe {
    /// Looks at all hosts at once.
    ///
    /// What a host's earlier probe has is not sent again. Throws `HostFailures`, with every host that could not be looked at.
    package static func read(
        from shell: RemoteShell, hosts: [HostName], knowing earlier: [HostName: HostProbe] = [:], root: String = ""
    ) async throws -> [HostProbe] {
        try await onEach(hosts) { host in
            try await read(from: shell, host: host, knowing: earlier[host], root: root)
        }
    }

    /// Looks at one host; a second round trip only where its manifest names files in unusual places.
    package static func read(
        from shell: RemoteShell, host: HostName, knowing earlier: HostProbe? = nil, root: String = ""
    ) async throws -> HostProbe {
        let known = earlier?.contents ?? [:]
        let frames = try await Frames.from(
            RemoteScript(HostScript.probe, variables: variables(root, known)), on: host, by: shell)
        var files = try HostFile.all(in: frames, known: known)
        let probe = try HostProbe(frames, files: files, host: host)
        let missing = probe.referencedPaths.filter { files[$0] == nil }
        guard !missing.isEmpty else { return probe }
        files.merge(try await lookAt(missing, on: host, by: shell, knowing: known, root: root)) { first, _ in first }
        return try HostProbe(frames, files: files, host: host)
    }

    /// Looks at some paths of a host; what is `known` by its digest is not sent.
    package static func lookAt(
        _ paths: [String], on host: HostName, by shell: RemoteShell, knowing known: [String: SecretBytes] = [:],
        root: String = ""
    ) async throws -> [String: HostFile] {
        var variables = variables(root, known)
        variables["atrest_paths"] = paths.joined(separator: "\n")
        let script = RemoteScript(HostScript.files, variables: variables)
        return try HostFile.all(in: try await Frames.from(script, on: host, by: shell), known: known)
    }

    private static func variables(_ root: String, _ known: [String: SecretBytes]) -> [String: String] {
        ["atrest_root": root, "atrest_known": known.keys.joined(separator: " ")]
    }

    /// What its files hold, by their digests.
    private var contents: [String: SecretBytes] {
        files.values.reduce(into: [:]) { contents, file in
            if let digest = file.digest { contents[digest] = file.content }
        }
    }

    private init(_ frames: Frames, files: [String: HostFile], host: HostName) throws {
        let processes = APIServerProcesses(frames)
        let state = "/var/lib/atrest"
        self.init(
            host: host, controlPlane: try ControlPlaneKind(frames, files, processes), files: files,
            processes: processes,
            record: files["\(state)/record"]?.text.flatMap(WriteRecord.init),
            rollbackCopy: files["\(state)/rollback/facts"]?.text.flatMap { facts in
                RollbackCopy(
                    facts, configuration: files["\(state)/rollback/configuration"].flatMap { $0.exists ? $0 : nil },
                    manifest: files["\(state)/rollback/manifest"].flatMap { $0.exists ? $0 : nil })
            },
            system: HostSystem(frames, files), leftovers: frames.texts("leftover"))
    }
}

extension Frames {
    /// Runs a script that only looks.
    static func from(
        _ script: RemoteScript, on host: HostName, by shell: RemoteShell, timeout: Duration = .seconds(30)
    ) async throws -> Frames {
        let output = try await shell.run(script, host, timeout)
        let frames = Frames(output.standardOutput)
        guard output.status == 0, frames.isComplete else {
            throw HostScriptFailed(status: output.status, lastWords: HostScriptFailed.lastWords(output.standardError))
        }
        return frames
    }
}

extension HostSystem {
    fileprivate init(_ frames: Frames, _ files: [String: HostFile]) {
        let name = files["/etc/os-release"]?.text?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        let spaces = (frames.text("spaces") ?? "").split(separator: "\n").compactMap { line in
            line.firstIndex(of: "/").flatMap { slash in
                Self.bytes(line[..<slash]).map { (String(line[slash...]), $0) }
            }
        }
        self.init(
            kernel: frames.text("kernel") ?? "",
            distribution: name.map { String($0.dropFirst("PRETTY_NAME=".count)).trimming("\"") },
            kubelet: frames.text("kubelet").flatMap { Int($0) }.map(Kubelet.init),
            freeSpace: Dictionary(spaces) { first, _ in first },
            etcdQuota: frames.texts("etcd.quota").map { Int($0) ?? 0 }.min().map(EtcdQuota.flag) ?? .unknown,
            etcdLog: frames.texts("etcd.log").map(EtcdLog.init).first { $0.files > 0 },
            etcdFreeSpace: frames.texts("etcd.space").compactMap { Self.bytes($0[...]) }.min())
    }
}

extension HostSystem {
    /// What `stat -f` says: the number of free blocks and the size of one.
    private static func bytes(_ text: Substring) -> Int? {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
        let (bytes, isTooMuch) = numbers[0].multipliedReportingOverflow(by: numbers[1])
        return isTooMuch ? .max : bytes
    }
}

extension EtcdLog {
    /// The sizes of its files, a line each.
    fileprivate init(_ text: String) {
        let sizes = text.split(separator: "\n").compactMap { Int($0) }.filter { $0 >= 0 }
        self.init(
            files: sizes.count,
            bytes: sizes.reduce(0) { sum, size in
                let (bytes, isTooMuch) = sum.addingReportingOverflow(size)
                return isTooMuch ? .max : bytes
            })
    }
}

extension String {
    fileprivate func trimming(_ quote: Character) -> String {
        String(drop { $0 == quote }.reversed().drop { $0 == quote }.reversed())
    }
}
