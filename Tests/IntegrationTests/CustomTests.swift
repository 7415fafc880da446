import FoundationEssentials
import Testing

/// An EncryptionConfiguration that an operator wrote, comments and all.
struct OwnConfiguration: Sendable {
    static let path = "/etc/kubernetes/encryption-providers/custom-encryption-providers.yaml"

    /// One entry a resource: its name, and its providers as they stand in the file.
    let text: String

    init(_ entries: [(resource: String, providers: [String])]) {
        var text =
            "# the operator's own\napiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"
        for entry in entries {
            text += "  - resources: [\(entry.resource)]   # \(entry.resource)\n    providers:\n"
            for provider in entry.providers { text += "      - \(provider)\n" }
        }
        self.text = text
    }

    /// A fresh secret for this run; no test prints it.
    static func key(_ name: String, _ provider: String = "aescbc") -> String {
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        return "\(provider): {keys: [{name: \(name), secret: \(Data(bytes).base64EncodedString())}]}"
    }

    /// The sandbox's manifest with this in it.
    func manifest() throws -> String {
        let path = try makeTemporaryDirectory("manifest") + "/kubeone.yaml"
        let block = text.split(separator: "\n").map { "      \($0)\n" }.joined()
        let manifest = try String(contentsOfFile: Sandbox.manifest, encoding: .utf8)
            .replacing("    enable: true\n", with: "    enable: true\n    customEncryptionConfiguration: |\n\(block)")
        try manifest.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    /// Every host has exactly this text, for root alone, and no other file beside it.
    func expectOnEveryHost(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for host in Sandbox.hosts {
            let isSame = try await Sandbox.onHost(host, "cat \(Self.path)") == text
            #expect(isSame, "\(host)", sourceLocation: sourceLocation)
            let files = try await Sandbox.onHost(
                host, "cd /etc/kubernetes/encryption-providers; stat -c '%n %a %U:%G' .* * | grep -v '^\\.\\. '")
            #expect(
                files == ". 700 root:root\ncustom-encryption-providers.yaml 600 root:root\n", "\(host): \(files)",
                sourceLocation: sourceLocation)
        }
    }
}

extension Sandbox {
    /// Under which forms etcd holds anything of a resource; nothing of a value is given out.
    fileprivate static func forms(of resource: String) async throws -> Set<String> {
        let lines = try await onHost(
            "cp1",
            """
            etcdctl get /registry/\(resource)/ --prefix --write-out=json \
            | grep -o '"value":"[^"]*"' | cut -d'"' -f4 | cut -c1-88 | while read -r v; do echo "$v" | base64 -d 2>/dev/null \
            | tr -c 'a-zA-Z0-9:-' '\\n' | head -1; done
            """)
        return Set(
            lines.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
                line.hasPrefix("k8s:enc:")
                    ? line.split(separator: ":").prefix(5).joined(separator: ":") : "plain text"
            })
    }
}

extension OnTheSandbox {
    @Test("plain → A → B → managed → B → disabled under load => each verbatim, holds in etcd, no request fails")
    func custom() async throws {
        try await Sandbox.seed(300)
        try await Sandbox.ensureUnencrypted()
        let plain = try await PlainCluster.now()
        let secrets = try await Sandbox.secretsDigest()
        let (k1, k2, k3) = (
            OwnConfiguration.key("first"), OwnConfiguration.key("second"), OwnConfiguration.key("third", "secretbox")
        )
        let a = OwnConfiguration([("secrets", [k1, "identity: {}"]), ("configmaps", [k2, "identity: {}"])])
        let b = OwnConfiguration([("secrets", [k3, k1])])

        let (_, load) = try await LoadReport.beside {
            try await Self.apply(a.manifest())
            try await a.expectOnEveryHost()
            #expect(try await Sandbox.forms(of: "secrets") == ["k8s:enc:aescbc:v1:first"])
            #expect(try await Sandbox.forms(of: "configmaps") == ["k8s:enc:aescbc:v1:second"])

            // B has configmaps written back as plain text, which nobody is there to be asked about.
            let manifest = try b.manifest()
            let refused = try await AtRest()(AtRest.applying(manifest: manifest))
            #expect(refused.status == 3 && refused.errors.contains("--allow-decrypt"), "\(refused.errors)")
            try await a.expectOnEveryHost()
            let run = try await AtRest()(AtRest.applying(manifest: manifest) + ["--allow-decrypt"])
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            try await b.expectOnEveryHost()
            #expect(try await Sandbox.forms(of: "secrets") == ["k8s:enc:secretbox:v1:third"])
            #expect(try await Sandbox.forms(of: "configmaps") == ["plain text"])

            let rotating = try await AtRest()(AtRest.applying(manifest: manifest) + ["--rotate-encryption-key"])
            #expect(rotating.status == 4)
            #expect(rotating.errors.contains("key rotation of custom providers file is not supported"))

            // The operator's key is adopted as it is, in the managed file.
            try await Self.apply(Sandbox.manifest)
            _ = try await Sandbox.onlyKey("secretbox")
            for host in Sandbox.hosts {
                #expect(try await Sandbox.onHost(host, "ls \(OwnConfiguration.path) 2>/dev/null || true").isEmpty)
            }

            try await Self.apply(manifest)
            try await b.expectOnEveryHost()
            let disabled = try await AtRest()(
                AtRest.applying(manifest: try await Sandbox.manifest(enabling: false)))
            #expect(disabled.status == 0, "\(disabled.output)\(disabled.errors)")
            #expect(try await Sandbox.forms(of: "secrets") == ["plain text"])
            #expect(try await PlainCluster.now() == plain)
        }
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()
    }

    /// Carried out, and then nothing to do.
    private static func apply(_ manifest: String) async throws {
        let run = try await AtRest()(AtRest.applying(manifest: manifest))
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        let again = try await AtRest()(AtRest.applying(manifest: manifest))
        #expect(again.status == 0 && again.output.hasPrefix("Nothing to do"), "\(again.output)\(again.errors)")
    }

    @Test(
        "a configuration with another secret under a name in use, or with a wildcard => refused, named, nothing touched"
    )
    func customRefused() async throws {
        try await Sandbox.ensureEncrypted()
        let before = try await Sandbox.fingerprint()
        let name = try await Sandbox.onlyKey().name
        let sameName = OwnConfiguration([("secrets", [OwnConfiguration.key(name), "identity: {}"])])
        let run = try await AtRest()(AtRest.applying(manifest: try sameName.manifest()))
        #expect(run.status == 4 && run.errors.contains("\"\(name)\" stands for different secrets"), "\(run.errors)")
        let wildcard = OwnConfiguration([("'*.*'", [OwnConfiguration.key("new"), "identity: {}"])])
        let old = try await AtRest()(AtRest.applying(manifest: try wildcard.manifest()))
        #expect(old.status == 4 && old.errors.contains("wildcards came with 1.27"), "\(old.errors)")
        #expect(try await Sandbox.fingerprint() == before)
        try await Sandbox.ensureUnencrypted()
    }
}
