extension APIServer {
    /// The SHA-256 of the encryption configuration file that the server has in force, as its own metric says.
    ///
    /// Nil where it says none: without such a configuration, and before Kubernetes 1.34.
    package func loadedConfigurationDigest() async throws -> String? {
        let metric = "apiserver_encryption_config_controller_last_config_info{"
        let body = try await send(HTTPRequest("GET", "/metrics", wantedLines: metric))
        let digests = String(decoding: body, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix(metric) }
            .compactMap { digest(in: $0.dropFirst(metric.count)) }
        return digests.count == 1 ? digests.first : nil
    }

    /// Reads `apiserver_id_hash="sha256:…",hash="sha256:…"} 1`.
    private func digest(in labels: Substring) -> String? {
        let opening = "hash=\"sha256:"
        guard let label = labels.split(separator: ",").first(where: { $0.hasPrefix(opening) }) else { return nil }
        let digest = label.dropFirst(opening.count).prefix { $0.isHexDigit }
        return digest.utf8.count == 64 ? digest.lowercased() : nil
    }
}
