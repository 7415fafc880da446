package import Reconciliation

extension ClusterSession {
    /// Has every object of some resources stored under the write key that all API servers have.
    ///
    /// - Throws: `ObjectsNotRewritten`; `ResourceNotServed`; `RewriteStopped`; `NoRoomLeft`.
    func rewrite(_ rewrites: [Step.Rewrite]) async throws {
        let hosts = inventory.hosts.map(\.name).filter { probes[$0]?.pod != nil }
        guard let first = hosts.first else { throw NoControlPlane() }
        var pace = Rewriter.Pace()
        pace.mostPerSecond = limits.rewritesPerSecond
        var failures: [RewriteFailure] = []
        var doneBefore = 0
        var left = rewrites.reduce(0) { $0 + (storedCounts[$1.resource] ?? 0) }
        for rewrite in rewrites {
            let resource = try await served(rewrite.resource)
            let wanted = visibleForm(of: rewrite.key)
            let range = try await storageRange(of: rewrite.resource, on: first)
            let rewriter = Rewriter(
                hosts: hosts, pace: pace,
                find: { host, rest in
                    try await StorageClassifier(gateway: try await self.gateway(of: host))
                        .firstPart(of: rest, below: range, isNamespaced: resource.isNamespaced, notStoredAs: wanted)
                },
                connect: { host in try await self.openChannel(to: host) })
            let total = storedCounts[rewrite.resource]
            left -= total ?? 0
            let (tell, before, after) = (tell, doneBefore, left)
            let result = try await whileThereIsRoom(on: hosts) {
                try await rewriter.rewrite(resource, in: range, total: total) { now in
                    let ofThis = max(now.done, now.total ?? total ?? now.done)
                    tell(.rewritten(done: before + now.done, total: before + ofThis + after))
                }
            }
            doneBefore += result.done
            failures += result.failures
            guard !result.isCutShort else { throw ObjectsNotRewritten(failures: failures, isCutShort: true) }
        }
        guard failures.isEmpty else { throw ObjectsNotRewritten(failures: failures) }
        rewritten.formUnion(rewrites.map(\.resource))
    }

    /// The form by which etcd tells what is stored under a key from everything else; nil where all is to be written anew, because
    /// the operator says so, or because the key's name begins another's.
    private func visibleForm(of key: Key) -> StoredForm? {
        guard !rewritesAll else { return nil }
        let form = key.storedForm
        let others = material.keys.map(\.storedForm).filter { $0 != form }
        let isAmbiguous = others.contains { other in form.prefix.map { other.prefix?.hasPrefix($0) == true } ?? false }
        return isAmbiguous ? nil : form
    }

    /// - Throws: `ResourceNotServed`.
    func served(_ name: ResourceName) async throws -> ServedResource {
        guard let resource = try await servedIfRewritable(name) else { throw ResourceNotServed(name: name) }
        return resource
    }

    /// Nil for a resource that this API does not serve, cannot patch, or leaves to another server.
    func servedIfRewritable(_ name: ResourceName) async throws -> ServedResource? {
        if name == .secrets { return .secrets }
        let found = try await discovery().named(name).first
        return found.flatMap { $0.isRewritable && $0.origin != .aggregated ? $0 : nil }
    }

    /// Where etcd has a resource's objects; what is not served, or nobody can be asked about, can only be told by its group.
    func storageRange(of name: ResourceName, on host: HostName, asServed: Bool = true) async throws -> KeyRange {
        let prefix = try storagePrefix(of: host)
        guard name != .secrets else { return prefix.range(of: name) }
        let origin = asServed ? try await discovery().named(name).first?.origin : nil
        return prefix.range(of: name, isCustom: origin.map { $0 == .custom } ?? !ResourceRule.isBuiltIn(name))
    }

    func discovery() async throws -> ServedResources {
        if let discovered { return discovered }
        let joined = inventory.hosts.map(\.name).filter { probes[$0]?.pod != nil }
        guard let host = joined.first(where: { healths[$0] == .ready }) ?? joined.first else { throw NoControlPlane() }
        let found = try await server(of: host).servedResources()
        discovered = found
        return found
    }

    func storagePrefix(of host: HostName) throws -> StoragePrefix {
        StoragePrefix(flag: try probe(of: host).pod?.flags.etcdPrefix ?? "/registry")
    }
}

/// Objects that an API server would not write, or could not read.
package struct ObjectsNotRewritten: Error, Hashable, Sendable, CustomStringConvertible {
    package let failures: [RewriteFailure]
    /// True where the others were not tried any more; else they are rewritten.
    package let isCutShort: Bool

    package init(failures: [RewriteFailure], isCutShort: Bool = false) {
        self.failures = failures
        self.isCutShort = isCutShort
    }

    package var description: String {
        """
        \(failures.count == 1 ? "one object was" : "\(failures.count) objects were") not rewritten\
        \(isCutShort ? " one after the other, and the rest was not tried" : ""), so no key is dropped. \
        Mend or delete what is named here, or the webhook that refuses it:
        """ + "\n" + failures.prefix(20).map { "  \($0)" }.joined(separator: "\n")
    }
}

/// A resource that a configuration names and that cannot be rewritten through this API.
package struct ResourceNotServed: Error, Hashable, Sendable, CustomStringConvertible {
    package let name: ResourceName

    package var description: String {
        "\"\(name)\" is not served by this cluster's API, or cannot be patched: its objects stay as they are stored"
    }
}
