internal import Reconciliation
internal import YAML

/// Which names of resources an operator may ask for.
enum ResourceRule {
    /// What is wrong with a name; nil where nothing is.
    ///
    /// As validateResourceNames, and beyond it whatever it takes and no object is ever stored under.
    static func problem(with name: String) -> String? {
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let group = parts.count > 1 ? parts[1] : nil
        let quoted = quote(name)
        return switch (parts[0], group) {
        case _ where name != name.lowercased():
            "\(quoted) must not have capital letters: resources are named as in their URL, such as secrets"
        case ("*", nil):
            "\"*\" stands for nothing: write *. for the resources of the core group, *.* for all"
        case _ where name.contains("/"):
            "\(quoted) is a part of a resource and not stored by itself: name the resource"
        case ("*", ""?), ("*", "*"?): nil
        case (_, "*"?): "\(quoted) names one resource in all groups, which does not exist: name its group"
        case (_, ""?): "\(quoted) ends in a dot: leave it out"
        case (_, "events.k8s.io"?): "objects of events.k8s.io are stored as events of the core group: write events"
        case (_, "extensions"?):
            "the group extensions is gone, and its resources are stored in other groups: name those"
        case (_, let group?) where isVersion(group):
            "\(quoted) has a version where its group belongs; leave it out, or name the group"
        case _ where !isName(wildcardless(name)):
            "\(quoted) is no name of a resource: expected names such as secrets or deployments.apps"
        case (let plural, nil) where !coreResources.contains(plural): unknownCore(plural)
        default: nil
        }
    }

    /// Resources that kube-apiserver itself stores; all other groups are those of custom or aggregated resources.
    static func isBuiltIn(_ name: ResourceName) -> Bool {
        guard let dot = name.text.firstIndex(of: ".") else { return true }
        let group = name.text[name.text.index(after: dot)...]
        return group.isEmpty || group == "*" || builtInGroups.contains(String(group))
    }

    /// A name as messages show it: whole where it cannot be a secret.
    static func quote(_ name: String) -> String {
        ["*", "*.", "*.*"].contains(name) || isName(wildcardless(name))
            ? "\"\(name)\"" : EncryptionFileError.quote(name)
    }

    private static func wildcardless(_ name: String) -> String {
        name.hasPrefix("*.") ? String(name.dropFirst(2)) : name
    }

    private static func unknownCore(_ plural: String) -> String {
        let meant = Spelling.nearest(to: plural, among: coreResources)
        return "\(quote(plural)) is no stored resource of the core group; "
            + (meant.map { "did you mean \($0)?" } ?? "one of another group is written with it, as deployments.apps")
    }

    /// Words of lower-case letters, digits and hyphens, joined by dots.
    private static func isName(_ name: String) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            (1...63).contains(word.utf8.count)
                && word.unicodeScalars.allSatisfy { "a"..."z" ~= $0 || "0"..."9" ~= $0 || $0 == "-" }
        }
    }

    /// `v1`, `v2beta1`.
    private static func isVersion(_ group: String) -> Bool {
        guard group.first == "v" else { return false }
        let rest = group.dropFirst().drop(while: \.isNumber)
        guard rest.count < group.count - 1 else { return false }
        return rest.isEmpty
            || ["alpha", "beta"].contains { rest.hasPrefix($0) && rest.dropFirst($0.count).allSatisfy(\.isNumber) }
    }

    /// Everything in `/api/v1` of which etcd holds objects that the API can rewrite.
    private static let coreResources = [
        "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes", "persistentvolumeclaims",
        "persistentvolumes", "pods", "podtemplates", "replicationcontrollers", "resourcequotas", "secrets",
        "serviceaccounts", "services",
    ]

    /// The groups of kubernetes/staging/src/k8s.io/api, without those that kube-apiserver serves by its extension and
    /// aggregation servers: these store as custom resources are stored.
    private static let builtInGroups: Set = [
        "admissionregistration.k8s.io", "apps", "auditregistration.k8s.io", "authentication.k8s.io",
        "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io", "coordination.k8s.io",
        "discovery.k8s.io", "flowcontrol.apiserver.k8s.io", "imagepolicy.k8s.io", "internal.apiserver.k8s.io",
        "networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io",
        "scheduling.k8s.io", "settings.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
    ]
}
