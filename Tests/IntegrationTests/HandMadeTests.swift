import Testing

extension OnTheSandbox {
    @Test("a hand-made file at another path, mounted by itself => adopted into the managed one, no request fails")
    func handMade() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let key = try await Sandbox.onlyKey()
        let secrets = try await Sandbox.secretsDigest()
        try await HandMade.setUp()

        let (run, load) = try await LoadReport.beside { try await AtRest()(AtRest.applying()) }
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        try await Sandbox.expectInOrder()
        #expect(try await Sandbox.onlyKey() == key)
        for manifest in try await Sandbox.apiServerManifests() {
            #expect(!manifest.contains(HandMade.name) && manifest.contains(Sandbox.configurationFile))
        }
        for host in Sandbox.hosts {
            #expect(try await Sandbox.onHost(host, "ls \(HandMade.file) 2>/dev/null || true").isEmpty, "\(host)")
        }
        let recorded = try await Sandbox.clusterConfiguration()
        #expect(recorded.contains("    encryption-provider-config: \(Sandbox.configurationFile)\n"))
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()
    }
}

/// Encryption as somebody sets it up who edits the manifests by hand, and does not tell kubeadm.
private enum HandMade {
    static let name = "at-rest"
    static let file = "/srv/at-rest.yaml"
    private static let mounted = "/etc/at-rest.yaml"

    /// Moves the configuration of each host there.
    static func setUp() async throws {
        let directory = "/etc/kubernetes/encryption-providers"
        try await Sandbox.onEachHost { _, _ in
            """
            find /var/lib/atrest -mindepth 1 -delete
            cp \(Sandbox.configurationFile) \(file)
            manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
            edited=$(sed -e '/encryption-config-sha256/d' -e 's#=\(Sandbox.configurationFile)#=\(mounted)#' \\
                -e 's#mountPath: \(directory)#mountPath: \(mounted)#' -e 's#encryption-providers-conf#\(name)#' \\
                -e '\\#path: \(directory)#{s##path: \(file)#;n;s#DirectoryOrCreate#File#;}' $manifest)
            printf '%s\\n' "$edited" > $manifest
            """
        }
        for (host, address) in zip(Sandbox.hosts, Sandbox.addresses) {
            try await Sandbox.waitUntilServing(with: mounted, on: host, at: address)
            _ = try await Sandbox.onHost(host, "rm -r \(directory)")
        }
        _ = try await Sandbox.onHost(
            "cp1",
            """
            kubectl get configmap --namespace kube-system kubeadm-config --output yaml \
            | sed -e '/encryption-provider-config: /d' -e '/^ *extraVolumes:/,+5d' | kubectl replace --filename -
            """)
        try await Sandbox.waitUntil("kubeadm knows nothing of it") {
            try await !Sandbox.clusterConfiguration().contains("encryption")
        }
    }
}
