import Testing

/// Something that befalls the hosts of an encrypted cluster behind atrest's back.
struct Mishap: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let befall: @Sendable () async throws -> Void
    /// What the plan says about each host that it changes; it says nothing about the others.
    let words: [String: String]

    static let all = [
        Mishap(
            testDescription: "the file is gone on one host, which has it only in memory; another's flag is empty",
            befall: {
                _ = try await Sandbox.onHost("cp2", "rm \(Sandbox.configurationFile)")
                // The kubelet runs whatever is in the manifests' directory, also what sed -i would make there.
                _ = try await Sandbox.onHost(
                    "cp3",
                    """
                    manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
                    emptied=$(sed 's/\\(--encryption-provider-config=\\).*/\\1/' $manifest)
                    printf '%s\\n' "$emptied" > $manifest
                    """)
                try await Sandbox.waitUntilPlain("cp3", at: "10.199.0.13")
            },
            words: ["cp2": "the configuration file is missing", "cp3": "the flag is missing from its manifest"]),
        Mishap(
            testDescription:
                "modes and owner on one host, another order on the second; a kubeadm upgrade dropped the third's flag",
            befall: {
                let file = Sandbox.configurationFile
                _ = try await Sandbox.onHost("cp1", "chown 1 \(file); chmod 644 \(file); chmod 755 $(dirname \(file))")
                try await Sandbox.rewriteConfiguration(
                    on: "cp2",
                    """
                      - identity: {}
                      - aescbc: {keys: [{name: $name, secret: $secret}]}
                    """)
                _ = try await Sandbox.onHost(
                    "cp3",
                    """
                    kubeadm init phase control-plane apiserver --kubernetes-version v1.20.2 \
                        --apiserver-advertise-address 10.199.0.13 --control-plane-endpoint api.sandbox:6443 \
                        --experimental-patches /run/sandbox/patches
                    """)
                try await Sandbox.waitUntilPlain("cp3", at: "10.199.0.13")
            },
            // Behind the second host's other order a missing flag may be an operation's that was cut short.
            words: ["cp1": "has mode 644 instead of 600", "cp2": unknown, "cp3": "fails informer-sync"]),
    ]

    /// What the plan says where somebody else has written the file.
    static let unknown = "what it has loaded"
}

extension OnTheSandbox {
    @Test(
        "something befalls hosts => one apply puts them right and says so, and touches no other", arguments: Mishap.all)
    func repaired(mishap: Mishap) async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let key = try await Sandbox.onlyKey()
        try await Sandbox.forgetPlainSecret()
        let secrets = try await Sandbox.secretsDigest()
        try await Sandbox.settle()
        let untouched = Sandbox.hosts.filter { mishap.words[$0] == nil }
        let before = try await Sandbox.controlPlanes(of: untouched)

        try await mishap.befall()
        let shown = try await Shown.now()
        #expect(shown.plan.status == 2 && shown.plan.json?.hasChanges == true, "\(shown.plan)")
        #expect(shown.proof.status == 1 && shown.proof.json?.verdict == "different", "\(shown.proof)")
        #expect(shown.status.status == 1 && shown.status.json?.isHealthy == false, "\(shown.status)")
        for (host, words) in mishap.words {
            let says = words == Mishap.unknown ? ("\(host) ", "  unknown  ") : ("  \(host): ", words)
            #expect(
                shown.status.text.split(separator: "\n").contains { $0.hasPrefix(says.0) && $0.contains(says.1) },
                "\(shown.status)")
            let isToChange = shown.plan.json?.steps.contains { $0.kind == "configure" && $0.host == host }
            #expect(isToChange == true, "\(shown.plan)")
        }
        let isPlain = try await Sandbox.storedForms()["plain text"] != nil
        let isNamed = shown.proof.text.contains("\nsecrets stored as plain text:\n  default/written-by-cp3\n")
        #expect(isNamed == isPlain, "\(shown.proof)")
        let run = try await AtRest()(AtRest.applying())

        #expect(run.status == 0, "\(run.errors)")
        let plan = run.output.split(separator: "\n")
        for (host, words) in mishap.words {
            #expect(plan.contains { $0.contains("~ \(host)  ") && $0.contains(words) }, "\(run.output)")
        }
        #expect(try await Sandbox.controlPlanes(of: untouched) == before)
        try await Sandbox.expectInOrder()
        #expect(try await Sandbox.onlyKey() == key)
        try await Sandbox.forgetPlainSecret()
        #expect(try await Sandbox.secretsDigest() == secrets)
    }
}

extension Sandbox {
    /// Waits until a host's API server runs without a configuration and has written plain text.
    fileprivate static func waitUntilPlain(_ host: String, at address: String) async throws {
        try await waitUntil("\(host)'s API server runs without the flag") {
            if try await storedForms()["plain text"] != nil { return true }
            _ = try? await kubectl(
                "--server", "https://\(address):6443", "create", "secret", "generic", "-n", "default",
                "written-by-\(host)", "--from-literal=value=plain")
            return false
        }
    }

    /// Takes away what the host without the flag wrote.
    fileprivate static func forgetPlainSecret() async throws {
        _ = try await kubectl("delete", "secret", "-n", "default", "written-by-cp3", "--ignore-not-found")
    }

    /// Writes a host's configuration anew, with these providers; its key stays there.
    fileprivate static func rewriteConfiguration(on host: String, _ providers: String) async throws {
        _ = try await onHost(
            host,
            """
            file=\(configurationFile)
            name=$(sed -n 's/.* name: //p' $file)
            secret=$(sed -n 's/.* secret: //p' $file)
            cat > $file <<TEXT
            apiVersion: apiserver.config.k8s.io/v1
            kind: EncryptionConfiguration
            resources:
            - resources: [secrets]
              providers:
            \(providers)
            TEXT
            """)
    }
}
