package import Reconciliation

/// A resource that the API serves.
package struct ServedResource: Hashable, Sendable {
    /// What stands behind a resource.
    package enum Origin: Hashable, Sendable {
        case builtIn
        /// A CustomResourceDefinition.
        case custom
        /// Another server, which stores the objects its own way.
        case aggregated
    }

    /// The plural, as it stands in paths.
    package let plural: String
    /// Empty for the core group.
    package let group: String
    package let version: String
    package let isNamespaced: Bool
    package let verbs: Set<String>
    package let origin: Origin

    package init(
        plural: String, group: String, version: String, isNamespaced: Bool, verbs: Set<String> = ["list", "patch"],
        origin: Origin = .builtIn
    ) {
        self.plural = plural
        self.group = group
        self.version = version
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.origin = origin
    }

    package static let secrets = ServedResource(plural: "secrets", group: "", version: "v1", isNamespaced: true)

    /// As an EncryptionConfiguration names it.
    package var name: ResourceName { ResourceName(group.isEmpty ? plural : "\(plural).\(group)") }

    /// True where its objects can be listed and patched, which is what a rewrite needs.
    package var isRewritable: Bool { verbs.isSuperset(of: ["list", "patch"]) }

    func path(namespace: String?, name: String? = nil) -> String {
        let version = version.percentEncoded
        let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group.percentEncoded)/\(version)"
        let scope = namespace.map { "/namespaces/\($0.percentEncoded)" } ?? ""
        return "\(root)\(scope)/\(plural.percentEncoded)" + (name.map { "/\($0.percentEncoded)" } ?? "")
    }
}

/// Everything that the API serves, in the version that each group prefers.
package struct ServedResources: Hashable, Sendable {
    package let resources: [ServedResource]
    /// Groups whose own server does not answer: what they serve is not known.
    package let silentGroups: [String]

    package init(resources: [ServedResource], silentGroups: [String] = []) {
        self.resources = resources
        self.silentGroups = silentGroups
    }

    /// What a name in an EncryptionConfiguration means: one resource, or for `*.apps`, `*.` and `*.*` several.
    package func named(_ name: ResourceName) -> [ServedResource] {
        guard name.isWildcard else { return resources.filter { $0.name == name } }
        let group = String(name.text.dropFirst(2))
        return resources.filter { group == "*" || $0.group == group }
    }
}
