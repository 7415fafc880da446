package import Reconciliation

/// Where the API server finds a KMS plugin.
package enum KMSSocket: Hashable, Sendable {
    /// A socket in the filesystem, by its absolute path.
    case path(String)
    /// A name in the kernel's abstract namespace: nothing to mount, and nothing that access rights protect.
    case abstract(String)

    /// What fits into `sockaddr_un`, the byte that ends it left out.
    static let longestPath = 107

    /// Reads an `endpoint` of an encryption configuration as the API server does; nil where that is no Unix socket.
    package init?(endpoint: String) {
        // Go's url.Parse takes no control characters.
        guard endpoint.hasPrefix("unix:"), endpoint.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        var path = endpoint.dropFirst("unix:".count)
        if path.hasPrefix("//") {
            // What stands between the two slashes and the path is a host name, which nobody looks at.
            path = path.dropFirst(2).drop { $0 != "/" && $0 != "@" }
        }
        let name = path.hasPrefix("/@") ? path.dropFirst() : path
        if name.hasPrefix("@") {
            guard name.count > 1 else { return nil }
            self = .abstract(String(name))
        } else if path.hasPrefix("/"), path.count > 1, !path.hasSuffix("/"),
            !path.contains(where: { "%?#".contains($0) })
        {
            self = .path(String(path))
        } else {
            return nil
        }
    }
}

extension KMSSocket {
    /// The path, or the name with its `@`.
    var name: String {
        switch self {
        case .path(let name), .abstract(let name): name
        }
    }

    /// The same socket as its host sees it: a manifest may mount another directory at the endpoint's path.
    package func onHost(of manifest: StaticPodManifest) -> KMSSocket {
        guard case .path(let path) = self else { return self }
        return .path(manifest.hostPath(of: path) ?? path)
    }
}

extension EncryptionConfiguration {
    /// The sockets of every KMS in the configuration, each once, in order.
    package var kmsSockets: [KMSSocket] {
        var seen: Set<KMSSocket> = []
        return entries.flatMap(\.keys).compactMap { key in
            guard let socket = key.kmsSocket else { return nil }
            return seen.insert(socket).inserted ? socket : nil
        }
    }
}
