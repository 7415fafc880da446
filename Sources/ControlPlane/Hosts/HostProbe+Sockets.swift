package import Reconciliation

extension HostProbe {
    /// Of these sockets of KMS plugins those that accept no connection on a host, with what was found there.
    ///
    /// One that nobody can try, because the host has no util-linux, counts as accepting.
    package static func silentSockets(
        among sockets: Set<KMSSocket>, on host: HostName, by shell: RemoteShell, root: String = ""
    ) async throws -> [KMSSocket: String] {
        guard !sockets.isEmpty else { return [:] }
        let names = sockets.map(\.name).sorted().joined(separator: "\n")
        let script = RemoteScript(HostScript.sockets, variables: ["atrest_root": root, "atrest_sockets": names])
        let groups = try await Frames.from(script, on: host, by: shell, timeout: .seconds(120)).groups("socket")
        let findings = Dictionary(groups.map { ($0.head, $0.text("finding") ?? "") }) { first, _ in first }
        return sockets.reduce(into: [:]) { silent, socket in
            if let finding = findings[socket.name], !finding.isEmpty { silent[socket] = finding }
        }
    }

    /// The KMS keys of the configuration that counts.
    package var kmsKeys: Set<Key> {
        let keys = files[configurationPath].flatMap { readConfiguration($0).configuration?.keys } ?? []
        return keys.filter { $0.kmsSocket != nil }
    }
}

extension Key {
    /// Where the plugin of a KMS listens; nil for every other key.
    package var kmsSocket: KMSSocket? {
        guard case .kms(_, _, let endpoint) = self else { return nil }
        return KMSSocket(endpoint: endpoint)
    }
}
