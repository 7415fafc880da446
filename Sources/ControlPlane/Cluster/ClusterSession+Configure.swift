internal import Reconciliation

extension ClusterSession {
    /// Gives a host a configuration and an API server process that has loaded it; a host that does not come back gets what
    /// it had.
    func configure(_ host: HostName, _ target: Target) async throws {
        let before = try probe(of: host)
        guard let pod = before.pod else { throw NoControlPlane() }
        let path = before.configurationPath
        let manifest = pod.manifest
        let step: HostStep
        switch target {
        case .removed:
            step = HostStep(configurationPath: path, configuration: nil, manifest: try manifest.unpatched())
        case .configuration(let configuration):
            let content = try EncryptionConfigurationFile.render(configuration, material)
            let digest = try content.sha256Hex()
            step = HostStep(
                configurationPath: path, configuration: content,
                manifest: try manifest.patched(
                    encryptionConfigurationPath: path, digest: digest, kmsSockets: [],
                    // The kubelet restarts nothing where the manifest stays as it is.
                    restart: digest == manifest.configurationDigest ? freshRestartText() : nil))
        case .custom:
            preconditionFailure("a custom configuration is refused before anything is planned")
        }
        let moment = try await writer.install(step, on: before)
        do {
            try await restarted(host, pod.flags, target == .removed ? nil : path, after: moment)
            try await readBack(through: host)
        } catch {
            throw await rollBack(host, because: error)
        }
        let after = try await HostProbe.read(from: ssh.shell, host: host)
        probes[host] = after
        try await writer.commit(after)
        if target == .removed, before.files[path]?.exists == true {
            try await writer.removeConfiguration(path, on: after)
        }
    }

    private func freshRestartText() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// The postcondition of a restart: a new process with the flag, ready over a fresh connection.
    func restarted(
        _ host: HostName, _ flags: CommandLineFlags, _ path: String?, after moment: HostMoment
    ) async throws {
        let deadline = ContinuousClock.now + restartTimeout
        try await watch.restarted(flags, withConfiguration: path, after: moment, on: host, timeout: restartTimeout)
        await dropConnections(to: host)
        var failing: [String] = []
        while ContinuousClock.now < deadline {
            do {
                let checks = try await server(of: host).healthChecks()
                failing = checks.filter { !$0.isPassing }.map(\.name)
                if failing.isEmpty { return }
            } catch let failure as HTTPFailure {
                failing = ["\(failure)"]
                await dropConnections(to: host)
            }
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
        throw NotReady(
            host: host, timeout: restartTimeout, failing: failing, log: (try? await watch.log(of: host)) ?? [])
    }
}
