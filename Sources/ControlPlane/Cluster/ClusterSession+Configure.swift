package import Reconciliation

extension ClusterSession {
    /// Gives a host a configuration and an API server process that has loaded it; a host that does not come back gets what
    /// it had.
    func configure(_ host: HostName, _ target: Target) async throws {
        let before = try probe(of: host)
        guard let pod = before.pod else { throw NoControlPlane() }
        let (step, moment) = try await begin(target, on: before, pod.manifest)
        do {
            let flag = target == .removed ? nil : flag(of: before, pod.manifest, at: step.configurationPath)
            try await restarted(host, pod.flags, flag, after: moment)
        } catch let cause as any LeavesHostDown {
            throw await rollBack(host, because: cause)
        }
        var after = before
        // Before the commit: what the copy for a rollback says is how a run behind a death finds the file.
        if target == .removed || step.configurationPath != before.configurationPath {
            after = try await HostProbe.read(from: ssh.shell, host: host, knowing: before)
            probes[host] = after
            if let file = before.files[before.configurationPath], file.exists {
                try await writer.removeConfiguration(file.path, digest: file.digest, on: after)
            }
        }
        try await writer.commit(after)
    }

    /// Writes the files of a step that orphans nothing; returns it, and the moment that a new process must have started after.
    private func begin(
        _ target: Target, on probe: HostProbe, _ manifest: StaticPodManifest
    ) async throws -> (HostStep, HostMoment) {
        do {
            try await proveNothingIsOrphaned(on: probe.host, by: target)
            let step = try step(for: target, on: probe, manifest)
            let health = healths[probe.host] ?? .unhealthy(failing: [])
            let moment = try await writer.install(
                step, on: probe, health: health, metric: metrics[probe.host])
            // Where nothing was asked of the kubelet, any process without the flag will do.
            return (step, step.manifest == manifest.text ? HostMoment(bootID: moment.bootID, ticks: 0) : moment)
        } catch {
            // A script that failed, or whose end nobody saw, may have written something.
            if error is SSHFailure || error is HostScriptFailed { throw error }
            throw StepNotBegun(host: probe.host, cause: error)
        }
    }

    /// Makes sure that every manifest that a plan changes can be changed, and kubeadm's configuration, before anything is.
    ///
    /// - Throws: `HostFailures`; `UneditableManifest`.
    package func rehearse(_ plan: Plan) async throws {
        var failures: [HostName: any Error] = [:]
        for case .configure(let host, let target, _) in plan.items.map(\.step) {
            guard let pod = try probe(of: host).pod else { continue }
            do {
                _ = try step(for: target, on: try probe(of: host), pod.manifest)
            } catch {
                failures[host] = error
            }
        }
        guard failures.isEmpty else {
            let inOrder = inventory.hosts.map(\.name)
            throw HostFailures(
                failures: inOrder.compactMap { host in failures[host].map { .init(host: host, error: $0) } })
        }
        for case .rewrite(let rewrites) in plan.items.map(\.step) {
            for rewrite in rewrites { _ = try await served(rewrite.resource) }
        }
        for step in plan.items.map(\.step) where step == .recordInKubeadm || step == .removeFromKubeadm {
            try await rehearseKubeadmRecord(isWanted: step == .recordInKubeadm)
        }
    }

    /// The flag's value: what the API server calls the file at a path.
    private func flag(of probe: HostProbe, _ manifest: StaticPodManifest, at path: String) -> String {
        guard let named = manifest.encryptionConfiguration, path == probe.configurationPath else { return path }
        return named.path
    }

    /// Where a step writes: a file stays where it stands until the host gets what it is to end with.
    private func path(for target: Target, on probe: HostProbe) -> String {
        let present = probe.configurationPath
        guard probe.pod?.configurationPath != nil || probe.files[present]?.exists == true else { return recordedPath }
        return switch target {
        case .custom: HostProbe.customPath
        case .managed: HostProbe.managedPath
        case .configuration, .removed: present
        }
    }

    private func step(
        for target: Target, on probe: HostProbe, _ manifest: StaticPodManifest
    ) throws -> HostStep {
        let path = path(for: target, on: probe)
        switch target {
        case .removed:
            return HostStep(
                configurationPath: probe.configurationPath, configuration: nil, manifest: try manifest.unpatched())
        case .configuration, .managed, .custom:
            let content = try content(of: target)
            let digest = try content.sha256Hex()
            let text = try manifest.patched(
                encryptionConfigurationPath: flag(of: probe, manifest, at: path), digest: digest,
                kmsSockets: target.configuration.kmsSockets,
                // The kubelet restarts nothing where the manifest stays as it is.
                restart: digest == manifest.configurationDigest ? freshRestartText() : nil)
            return HostStep(configurationPath: path, configuration: content, manifest: text)
        }
    }

    /// A file's bytes: the operator's own, or what atrest renders.
    private func content(of target: Target) throws -> SecretBytes {
        guard case .custom(let wanted) = target else {
            return try EncryptionConfigurationFile.render(target.configuration, material)
        }
        guard let custom, custom.digest == wanted.digest else {
            preconditionFailure("the operator's configuration is given before anything is planned")
        }
        return custom.content
    }

    private func freshRestartText() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// The postcondition of a restart: a new process with the flag, ready over a fresh connection, that reads what is stored.
    ///
    /// One that fails only what is `known` to fail is as well as it was before; returns what that is.
    @discardableResult
    func restarted(
        _ host: HostName, _ flags: CommandLineFlags, _ path: String?, after moment: HostMoment,
        knownToFail known: [String] = []
    ) async throws -> [String] {
        let timeout = limits.restartTimeout
        let deadline = ContinuousClock.now + timeout
        tell(.waits(for: .newServer(host)))
        try await watch.restarted(flags, withConfiguration: path, after: moment, on: host, timeout: timeout)
        var failing: [String] = []
        // The new process has the port now.
        await dropConnections(to: host)
        // Once at least: an operator who was frozen finds the time gone by, and the host well.
        repeat {
            tell(.waits(for: .readiness(host, failing: failing)))
            do {
                failing = try await server(of: host).healthChecks().filter { !$0.isPassing }.map(\.name)
                if failing.isEmpty { try await readBack(through: host) }
                if failing.allSatisfy(known.contains) { return failing }
            } catch let failure as HTTPFailure {
                failing = ["\(failure)"]
                await dropConnections(to: host)
            } catch let status as APIStatus {
                failing = ["\(status)"]
            }
            try await ContinuousClock().sleep(for: .milliseconds(100))
        } while ContinuousClock.now < deadline
        throw NotReady(
            host: host, timeout: timeout, failing: failing, log: (try? await watch.log(of: host)) ?? [])
    }

    /// Reads one stored object of each resource through a host, past every cache and without its data.
    ///
    /// A key that means another one, or is missing, shows here. An answer that may soon be another is thrown as it is.
    private func readBack(through host: HostName) async throws {
        for name in storedCounts.keys.sorted() {
            guard let resource = try await servedIfRewritable(name), let object = try await anyStored(resource) else {
                continue
            }
            do {
                try await server(of: host).probe(resource, namespace: object.namespace, name: object.name)
            } catch let status as APIStatus where !status.isMissing {
                guard !status.isPassing else { throw status }
                let path = [object.namespace, object.name].compactMap(\.self).joined(separator: "/")
                throw CannotReadBack(host: host, object: "\(name) \(path)", answer: "\(status)")
            } catch is APIStatus {
                // Deleted meanwhile.
            }
        }
    }

    private func anyStored(_ resource: ServedResource) async throws -> ObjectName? {
        guard let host = inventory.hosts.first(where: { probes[$0.name]?.pod != nil })?.name else { return nil }
        let range = try storagePrefix(of: host).range(of: resource.name, isCustom: resource.origin == .custom)
        return try await gateway(of: host).firstKey(in: range)
            .flatMap { ObjectName($0, below: range, isNamespaced: resource.isNamespaced) }
    }
}

/// A step that failed before it wrote anything.
package struct StepNotBegun: Error, LeavesNothingChanged, CustomStringConvertible {
    package let host: HostName
    package let cause: any Error

    package init(host: HostName, cause: any Error) {
        self.host = host
        self.cause = cause
    }

    package var description: String { cause is any NamesNoHost ? "\(host): \(cause)" : "\(cause)" }
}

/// An API server that did not come back as it must: its host gets back what it had.
protocol LeavesHostDown: Error {}

extension RestartTimedOut: LeavesHostDown {}

/// An API server that runs and does not become ready.
package struct NotReady: LeavesHostDown, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let timeout: Duration
    package let failing: [String]
    /// The end of its container's log.
    package let log: [String]

    package var description: String {
        """
        the API server of \(host) was not ready within \(timeout.components.seconds) s: \
        \(failing.joined(separator: ", "))
        """ + (log.isEmpty ? "" : "; the end of its log:\n" + log.map { "  \($0)" }.joined(separator: "\n"))
    }
}

/// An API server that is ready and cannot read what the others stored.
package struct CannotReadBack: LeavesHostDown, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let object: String
    package let answer: String

    package var description: String {
        "the API server of \(host) cannot read the stored object \(object) with its new configuration: \(answer)"
    }
}
