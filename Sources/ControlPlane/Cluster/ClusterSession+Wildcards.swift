package import Reconciliation

extension ClusterSession {
    /// These names, and in place of each wildcard the resources that it covers now.
    ///
    /// - Throws: what discovery throws.
    func resources(meantBy names: Set<ResourceName>) async throws -> Set<ResourceName> {
        guard names.contains(where: \.isWildcard) else { return names }
        // A custom resource may have been installed since the last look.
        discovered = nil
        let served = try await discovery()
        return names.reduce(into: []) { $0.formUnion(served.stored(under: $1)) }
    }

    /// What etcd holds where a wildcard would have it, and no API server reads or writes it: nothing rewrites that.
    ///
    /// What API servers store for themselves, always as plain text, is not among it.
    func leftovers(under names: Set<ResourceName>, through host: HostName) async throws -> [Leftover] {
        let wildcards = names.filter(\.isWildcard)
        guard !wildcards.isEmpty else { return [] }
        let prefix = try storagePrefix(of: host)
        let served = try await discovery().resources.map {
            prefix.directory(of: $0.name, isCustom: $0.origin == .custom)
        }
        let named = names.map { prefix.directory(of: $0, isCustom: !ResourceRule.isBuiltIn($0)) }
        let known = Set(served + named)
        return try await StorageClassifier(gateway: try await gateway(of: host))
            .survey(prefix, knownForms: Set(material.keys.map(\.storedForm))).forms
            .filter { !known.contains($0.key) && !prefix.isInternal($0.key) }
            .compactMap { directory, forms in
                guard let resource = prefix.resource(in: directory) else { return nil }
                let wildcard = wildcards.sorted().first { wildcard in
                    // Of a name without a group nobody can say any more whose it was.
                    wildcard == .everything || resource.text.contains(".") && wildcard.covers(resource)
                }
                return wildcard.map { Leftover(directory: directory, wildcard: $0, forms: forms.sorted()) }
            }
            .sorted { $0.directory < $1.directory }
    }
}

extension ServedResources {
    /// The resources of this API's own etcd that a name stands for: itself, or what a wildcard covers.
    ///
    /// Events have two groups and are stored in the core one.
    package func stored(under name: ResourceName) -> [ResourceName] {
        guard name.isWildcard else { return [name] }
        return named(name)
            .filter { $0.isRewritable && $0.origin != .aggregated && $0.group != "events.k8s.io" }
            .map(\.name)
    }
}

/// What is stored where a wildcard would have it, and nothing serves.
struct Leftover: Hashable, CustomStringConvertible {
    let directory: String
    let wildcard: ResourceName
    let forms: [StoredForm]

    var description: String {
        """
        etcd holds objects at \(directory), stored as \(forms.map(\.description).joined(separator: ", ")): "\(wildcard)" would cover \
        them, but no API serves them, so nothing rewrites them. Serve them again, or delete them in etcd
        """
    }
}
