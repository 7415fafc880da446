package import Reconciliation

extension ClusterSession {
    /// Has every object of some resources stored under the write key that all API servers have.
    ///
    /// - Throws: `ObjectsNotRewritten`, once all the others are; `ResourceNotServed`; `RewriteStopped`; `NoRoomLeft`.
    func rewrite(_ rewrites: [Step.Rewrite]) async throws {
        let hosts = inventory.hosts.map(\.name).filter { probes[$0]?.pod != nil }
        let rewriter = Rewriter(hosts: hosts) { host in try await self.openChannel(to: host) }
        var failures: [RewriteFailure] = []
        var doneBefore = 0
        var left = rewrites.reduce(0) { $0 + (storedCounts[$1.resource] ?? 0) }
        for rewrite in rewrites {
            let resource = try await served(rewrite.resource)
            let total = storedCounts[rewrite.resource]
            left -= total ?? 0
            let (tell, before, after) = (tell, doneBefore, left)
            let result = try await whileThereIsRoom(on: hosts) {
                try await rewriter.rewrite(resource, total: total) { now in
                    let ofThis = max(now.done, now.total ?? total ?? now.done)
                    tell(.rewritten(done: before + now.done, total: before + ofThis + after))
                }
            }
            doneBefore += result.done
            failures += result.failures
        }
        guard failures.isEmpty else { throw ObjectsNotRewritten(failures: failures) }
        rewritten.formUnion(rewrites.map(\.resource))
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

/// Objects that an API server would not write, or could not read; all others are rewritten.
package struct ObjectsNotRewritten: Error, Hashable, Sendable, CustomStringConvertible {
    package let failures: [RewriteFailure]

    package var description: String {
        """
        \(failures.count == 1 ? "one object was" : "\(failures.count) objects were") not rewritten, so no key is dropped. \
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
