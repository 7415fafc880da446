package import Reconciliation

/// Where an API server keeps its objects in etcd.
package struct StoragePrefix: Hashable, Sendable, CustomStringConvertible {
    /// A slash and the flag's value without slashes around it: `/registry`; empty where everything stands at the root.
    private let root: String

    /// - Parameter flag: the value of `--etcd-prefix`; the API server's own default is `/registry`.
    package init(flag: String = "/registry") {
        root = flag.split(separator: "/").map { "/" + $0 }.joined()
    }

    package var description: String { root + "/" }

    /// Everything that this API server stores.
    package var everything: KeyRange { KeyRange(directory: description) }

    /// The directory of a resource, as `KeyRange(directory:)` and `StorageSurvey` name it: `/registry/secrets/`.
    ///
    /// Whether a CustomResourceDefinition serves the resource cannot be told by its name.
    package func directory(of resource: ResourceName, isCustom: Bool = false) -> String {
        let parts = resource.text.split(separator: ".", maxSplits: 1).map(String.init)
        let name = parts.first ?? ""
        guard parts.count == 2, isCustom || Self.groupsStoredByName.contains(parts[1]) else {
            return "\(root)/\(Self.exceptions[resource.text] ?? name)/"
        }
        return "\(root)/\(parts[1])/\(name)/"
    }

    package func range(of resource: ResourceName, isCustom: Bool = false) -> KeyRange {
        KeyRange(directory: directory(of: resource, isCustom: isCustom))
    }

    /// The directory of the resource that a key belongs to; nil for a key that belongs to none.
    func directory(holding key: [UInt8]) -> String? {
        let text = String(decoding: key, as: UTF8.self)
        guard text.hasPrefix(description) else { return nil }
        let parts = text.dropFirst(description.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        let isNested = parts.count > 2 && (parts[0].contains(".") || parts[0] == "services")
        return description + parts.prefix(isNested ? 2 : 1).joined(separator: "/") + "/"
    }

    /// The resource that a directory is of, as `directory(holding:)` names it; nil for a key outside of any.
    ///
    /// A built-in one is named without its group, which its directory does not tell.
    func resource(in directory: String) -> ResourceName? {
        guard directory.hasPrefix(description), directory.hasSuffix("/") else { return nil }
        let path = String(directory.dropFirst(description.count).dropLast())
        if let exception = Self.exceptions.first(where: { $0.value == path && !$0.key.contains(".") }) {
            return ResourceName(exception.key)
        }
        let parts = path.split(separator: "/")
        return ResourceName(parts.reversed().joined(separator: "."))
    }

    /// What API servers store for themselves, past all encryption: their leases and the ranges that they allot from.
    func isInternal(_ directory: String) -> Bool {
        ["masterleases", "peerserverleases", "ranges"].contains { directory == "\(root)/\($0)/" }
    }

    /// Groups inside of the API server that it stores in the way of custom resources.
    private static let groupsStoredByName: Set<String> = ["apiextensions.k8s.io", "apiregistration.k8s.io"]

    /// The API server's own exceptions (`SpecialDefaultResourcePrefixes` in its source).
    private static let exceptions = [
        "nodes": "minions",
        "services": "services/specs",
        "endpoints": "services/endpoints",
        "replicationcontrollers": "controllers",
        "ingresses.extensions": "ingress",
        "ingresses.networking.k8s.io": "ingress",
        "podsecuritypolicies.extensions": "podsecuritypolicy",
        "podsecuritypolicies.policy": "podsecuritypolicy",
    ]
}
