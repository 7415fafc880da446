extension APIServer {
    /// Asks every group for its resources.
    ///
    /// A resource that several versions of its group serve is given in the preferred one.
    package func servedResources() async throws -> ServedResources {
        async let services = list("/apis/apiregistration.k8s.io/v1/apiservices")
        async let definitions = list("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
        async let groupList: GroupList = get("/apis")
        let origins = try await Origins(services: services, definitions: definitions)
        let groups = try await groupList
        // Each is asked for what it serves.
        guard groups.groups.count <= Self.mostGroups else { throw UnreadableAnswer(path: "/apis") }
        var found: [ServedResource] = try await resources("/api/v1", group: "", version: "v1", origins)
        var known = Set(found.map(\.name))
        var silent: [String] = []
        for group in try await answers(of: groups.groups, origins) {
            for resources in group.versions {
                guard let resources else {
                    if silent.last != group.name { silent.append(group.name) }
                    continue
                }
                let new = resources.filter { !known.contains($0.name) }
                found += new
                known.formUnion(new.map(\.name))
            }
        }
        return ServedResources(resources: found, silentGroups: silent)
    }

    /// What each group serves, its preferred version first; nil for a version that its server does not answer for.
    private func answers(
        of groups: [GroupList.Group], _ origins: Origins
    ) async throws -> [(name: String, versions: [[ServedResource]?])] {
        try await withThrowingTaskGroup(of: (Int, [[ServedResource]?]).self) { tasks in
            var answers: [Int: [[ServedResource]?]] = [:]
            for (index, group) in groups.enumerated() {
                if index >= Self.groupsAtOnce, let (done, versions) = try await tasks.next() {
                    answers[done] = versions
                }
                tasks.addTask { (index, try await versions(of: group, origins)) }
            }
            for try await (index, versions) in tasks { answers[index] = versions }
            return groups.indices.map { (groups[$0].name, answers[$0] ?? []) }
        }
    }

    private func versions(of group: GroupList.Group, _ origins: Origins) async throws -> [[ServedResource]?] {
        var answers: [[ServedResource]?] = []
        var seen: Set<String> = []
        for version in [group.preferredVersion.version] + group.versions.map(\.version)
        where seen.insert(version).inserted {
            do {
                let path = "/apis/\(group.name.percentEncoded)/\(version.percentEncoded)"
                // Who serves a group may be gone for good.
                answers.append(try await resources(path, group: group.name, version: version, origins, tries: 1))
            } catch let status as APIStatus where status.code == 404 || status.code >= 500 {
                answers.append(nil)
            }
        }
        return answers
    }

    private static let groupsAtOnce = 32

    /// Clusters with very many custom resources have some hundreds.
    private static let mostGroups = 5000

    private func resources(
        _ path: String, group: String, version: String, _ origins: Origins, tries: Int = 4
    ) async throws -> [ServedResource] {
        let list: ResourceList = try await get(path, tries: tries)
        // What has a slash is a subresource.
        return list.resources.filter { !$0.name.contains("/") }.map { resource in
            ServedResource(
                plural: resource.name, group: group, version: version, isNamespaced: resource.namespaced,
                verbs: Set(resource.verbs), origin: origins.origin(of: resource.name, group: group, version: version))
        }
    }

    /// A whole list as one table; for resources of which a cluster has hundreds at most.
    private func list(_ path: String) async throws -> Table {
        try await get(path + "?includeObject=None", accept: Table.accept)
    }

    /// Tells who stores a resource, by what the server prints of its APIServices and CustomResourceDefinitions.
    private struct Origins {
        private let aggregated: Set<String>
        private let custom: Set<String>

        init(services: Table, definitions: Table) {
            let backends = services.texts({ $0.name == "Service" }, else: 1)
            let remote = zip(services.names, backends).filter { $0.1 != nil && $0.1 != "Local" }
            aggregated = Set(remote.map(\.0))
            custom = Set(definitions.names)
        }

        func origin(of plural: String, group: String, version: String) -> ServedResource.Origin {
            if aggregated.contains("\(version).\(group)") { return .aggregated }
            return custom.contains("\(plural).\(group)") ? .custom : .builtIn
        }
    }

    private struct GroupList: Decodable {
        struct Version: Decodable {
            let version: String
        }
        struct Group: Decodable {
            let name: String
            let versions: [Version]
            let preferredVersion: Version
        }
        let groups: [Group]
    }

    private struct ResourceList: Decodable {
        struct Resource: Decodable {
            let name: String
            let namespaced: Bool
            let verbs: [String]
        }
        let resources: [Resource]
    }
}
