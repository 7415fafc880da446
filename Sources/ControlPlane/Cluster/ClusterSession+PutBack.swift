package import Reconciliation

extension ClusterSession {
    /// Puts a host back to what it had before a step that was cut short; for where no API server serves.
    ///
    /// Nothing becomes unreadable by it. By the rounds the copy reads whatever the step may have had written: round 1 keeps the
    /// write key that the copy has, round 2 writes with a key that every copy reads since round 1, round 4 keeps the write key. A
    /// copy may be older than that only where a run died between a step's proof and the removal of its copy, so etcd and the
    /// other hosts are asked as well, in `wayBack(of:)`.
    ///
    /// - Throws: `NotPutBack`.
    package func putBack(
        _ host: HostName, progress: @escaping @Sendable (StepProgress) -> Void
    ) async throws {
        tell = progress
        do {
            // Finished also where the run is asked to stop.
            _ = try await Task { try await restore(host) }.value
        } catch {
            throw NotPutBack(host: host, cause: error)
        }
    }

    /// The way back of every host on which a step was cut short, or that cannot start with its own files.
    func waysBack(of hosts: [ObservedHost]) async throws -> [(host: HostName, way: WayBack)] {
        var ways: [(host: HostName, way: WayBack)] = []
        for host in hosts where host.loaded == .notRunning {
            guard let way = try await wayBack(of: host.name, besides: hosts) else { continue }
            ways.append((host.name, way))
        }
        return ways
    }

    private func wayBack(of host: HostName, besides hosts: [ObservedHost]) async throws -> WayBack? {
        let probe = try probe(of: host)
        guard let way = probe.wayBack, way == .copy, let saved = probe.savedConfiguration else { return probe.wayBack }
        let writers = hosts.flatMap { [$0.onDisk, $0.inForce].compactMap(\.self) }
        let names = Set((writers + [saved]).flatMap(\.resources) + [.secrets])
        do {
            let classifier = StorageClassifier(gateway: try await gateway(of: host))
            let known = Set(material.keys.map(\.storedForm))
            let prefix = try storagePrefix(of: host)
            for resource in names.sorted() {
                let ring = saved.keyRing(for: resource)
                // Nothing can be asked of an API that does not serve; what a wildcard covers is looked at below.
                let range = prefix.range(of: resource, isCustom: !ResourceRule.isBuiltIn(resource))
                let stored =
                    resource.isWildcard ? [] : try await classifier.classify(range, knownForms: known).objects.forms
                let written = writers.map { $0.keyRing(for: resource).writeKey }.filter { !ring.contains($0) }
                let unreadable = stored.subtracting(ring.keys.map(\.storedForm)).union(written.map(\.storedForm))
                guard let form = unreadable.min() else { continue }
                return .byHand(Self.copyCannotRead(resource.text, form))
            }
            guard names.contains(where: \.isWildcard) else { return .copy }
            let survey = try await classifier.survey(prefix, knownForms: known)
            if let (directory, form) = survey.unreadable(to: saved, besides: names, prefix) {
                return .byHand(Self.copyCannotRead(directory, form))
            }
        } catch let failure as EtcdFailure {
            return .byHand("see to etcd first, without which no API server runs: \(failure)")
        }
        return .copy
    }

    private static func copyCannotRead(_ what: String, _ form: StoredForm) -> String {
        "the copy of what it had before that step, in /var/lib/atrest/rollback, cannot read \(what) stored as "
            + "\(form): start its API server with a configuration that can"
    }
}

extension StorageSurvey {
    /// The first directory in which something is stored that a configuration with wildcards cannot read.
    ///
    /// `names` are looked at by themselves. A directory does not tell the group of a built-in resource, so that any of the
    /// wildcards may be its own.
    func unreadable(
        to configuration: EncryptionConfiguration, besides names: Set<ResourceName>, _ prefix: StoragePrefix
    ) -> (directory: String, form: StoredForm)? {
        let exact = Set(names.map { prefix.directory(of: $0, isCustom: !ResourceRule.isBuiltIn($0)) })
        let wild = names.filter(\.isWildcard).union([ResourceName("*.")])
            .flatMap { configuration.keyRing(for: $0).keys }
        for (directory, forms) in forms.sorted(by: { $0.key < $1.key }) {
            guard !exact.contains(directory), !prefix.isInternal(directory),
                let resource = prefix.resource(in: directory)
            else { continue }
            let keys = resource.text.contains(".") ? configuration.keyRing(for: resource).keys : wild
            if let form = forms.subtracting(keys.map(\.storedForm)).min() { return (directory, form) }
        }
        return nil
    }
}

/// A host that was to be put back to what it had before a step that was cut short, and did not come back.
package struct NotPutBack: Error, CustomStringConvertible {
    package let host: HostName
    package let cause: any Error

    package var description: String {
        """
        \(host) was to get back what it had before a step that was cut short, and its API server did not become ready: \
        \(cause). No other host was touched; what it had stands in /var/lib/atrest on \(host)
        """
    }
}
