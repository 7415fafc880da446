package import Reconciliation

extension ClusterSession {
    /// Has every object of some resources stored under the write key that all API servers have.
    ///
    /// - Throws: `ObjectsNotRewritten`, once all the others are; `ResourceNotServed`; `RewriteStopped`; `NoRoomLeft`.
    func rewrite(
        _ rewrites: [Step.Rewrite], _ progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws {
        let hosts = inventory.hosts.map(\.name).filter { probes[$0]?.pod != nil }
        let rewriter = Rewriter(hosts: hosts) { host in try await self.openChannel(to: host) }
        var failures: [RewriteFailure] = []
        for rewrite in rewrites {
            let resource = try await served(rewrite.resource, by: hosts)
            let total = storedCounts[rewrite.resource]
            let result = try await whileThereIsRoom(on: hosts) {
                try await rewriter.rewrite(resource, total: total) { now in
                    progress(now.done, now.total ?? total ?? now.done)
                }
            }
            failures += result.failures
        }
        guard failures.isEmpty else { throw ObjectsNotRewritten(failures: failures) }
    }

    private func served(_ name: ResourceName, by hosts: [HostName]) async throws -> ServedResource {
        if name == .secrets { return .secrets }
        guard let host = hosts.first,
            let resource = try await server(of: host).servedResources().named(name).first, resource.isRewritable
        else { throw ResourceNotServed(name: name) }
        return resource
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
