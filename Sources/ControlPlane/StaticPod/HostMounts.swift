/// A directory or file of the host that the API server sees.
struct HostMount: Hashable {
    /// The volume's name.
    let name: String
    /// The path on the host.
    let hostPath: String
    /// The path that the API server sees.
    let mountPath: String

    init(name: String, hostPath: String, mountPath: String) {
        self.name = name
        self.hostPath = Self.normal(hostPath)
        self.mountPath = Self.normal(mountPath)
    }

    /// Where a path of the API server's is on the host; nil where this mount does not hold it.
    func hostPath(of path: String) -> String? {
        let path = Self.normal(path)
        guard path == mountPath || path.hasPrefix(mountPath == "/" ? "/" : mountPath + "/") else { return nil }
        return Self.normal(hostPath + "/" + path.dropFirst(mountPath.count))
    }

    /// Whether a path is the same file for the API server as on the host.
    func shows(_ path: String) -> Bool { hostPath(of: path) == Self.normal(path) }

    func isMounted(at path: String) -> Bool { mountPath == Self.normal(path) }

    private static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").joined(separator: "/")
    }
}

/// The volume names that atrest gives, KubeOne's.
enum VolumeName {
    static let configuration = "encryption-providers-conf"
    private static let kms = "kms-endpoint"

    static func isKMS(_ name: String) -> Bool {
        guard let number = name == kms ? 2 : Int(name.dropFirst(kms.count + 1)) else { return false }
        return number >= 2 && (name == kms || name == "\(kms)-\(number)")
    }

    static func isOurs(_ name: String) -> Bool { name == configuration || isKMS(name) }

    /// The first free one of `kms-endpoint`, `kms-endpoint-2` and so on.
    static func freeKMS(besides taken: Set<String>) -> String {
        guard taken.contains(kms) else { return kms }
        var number = 2
        while taken.contains("\(kms)-\(number)") { number += 1 }
        return "\(kms)-\(number)"
    }
}
