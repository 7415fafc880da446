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

    /// The text as it stands.
    init(text: String) {
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
    /// Whether etcd holds all of each resource in the form that is named here.
    fileprivate static func expectStored(
        _ forms: [String: String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for (resource, form) in forms {
            let stored = try await storedForms(of: resource)
            #expect(stored.keys.sorted() == [form], "\(resource): \(stored)", sourceLocation: sourceLocation)
        }
    }

    /// Events, which nothing watches closely and which there are many of.
    fileprivate static func seedEvents(_ count: Int) async throws {
        _ = try? await kubectl("create", "namespace", "eventful")
        await withTaskGroup(of: Void.self) { group in
            let share = count / 4
            for part in 0..<4 {
                let numbers = (part * share)..<((part + 1) * share)
                group.addTask { await createEvents(numbers) }
            }
        }
    }

    /// Those of an earlier run may still be there.
    private static func createEvents(_ numbers: Range<Int>) async {
        var objects = ""
        for number in numbers {
            objects += "---\napiVersion: v1\nkind: Event\nmetadata: {name: event-\(number), namespace: eventful}\n"
            objects += "involvedObject: {kind: Pod, namespace: eventful, name: pod-\(number)}\nreason: Seeded\n"
        }
        _ = try? await kubectl("create", "-f", "-", input: objects)
    }
}

extension OnTheSandbox {
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
    }

    @Test("managed → A → B → disabled under load => each verbatim, holds in etcd, no request fails")
    func custom() async throws {
        try await Sandbox.seed(300)
        try await Sandbox.ensureEncrypted()
        try await Sandbox.seedEvents(2000)
        let secrets = try await Sandbox.secretsDigest()
        let first = OwnConfiguration.key("first")
        let third = OwnConfiguration.key("third", "secretbox")
        // Two entries name secrets; the first provider of the first writes.
        let a = OwnConfiguration([
            ("secrets", [first]), ("configmaps", [OwnConfiguration.key("second"), "identity: {}"]),
            ("secrets", [third, "identity: {}"]),
            ("events", [OwnConfiguration.key("fourth", "aesgcm"), "identity: {}"]),
        ])
        let b = OwnConfiguration([("secrets", [third, first, "identity: {}"])])

        let (_, load) = try await LoadReport.beside {
            try await Self.expectApplied(a)
            try await Sandbox.expectStored([
                "secrets": "k8s:enc:aescbc:v1:first:", "configmaps": "k8s:enc:aescbc:v1:second:",
                "events": "k8s:enc:aesgcm:v1:fourth:",
            ])
            try await Self.expectNotRotated(a)

            // B has configmaps and events written back as plain text, which nobody is there to be asked about.
            let refused = try await AtRest()(AtRest.applying(manifest: try b.manifest()))
            #expect(refused.status == 3 && refused.errors.contains("--allow-decrypt"), "\(refused.errors)")
            try await a.expectOnEveryHost()
            try await Self.expectApplied(b, "--allow-decrypt")
            try await Sandbox.expectStored([
                "secrets": "k8s:enc:secretbox:v1:third:", "configmaps": "plain text", "events": "plain text",
            ])

            try await Sandbox.ensureUnencrypted()
            for manifest in try await Sandbox.apiServerManifests() { #expect(!manifest.contains("encryption")) }
            try await expectNoOwnFile()
            if Sandbox.isLong { try await adoptsKey(of: a) }
        }
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()
    }

    /// The operator's key is adopted as it is, in the managed file; what else was encrypted is not any more.
    private func adoptsKey(of wish: OwnConfiguration) async throws {
        try await Self.expectApplied(wish)
        try await Sandbox.ensureEncrypted()
        try await Sandbox.expectStored(["configmaps": "plain text", "events": "plain text"])
        #expect(try await Sandbox.onlyKey().name == "first")
        try await expectNoOwnFile()
    }

    /// Carried out, on every host as it is written, and then nothing to do.
    private static func expectApplied(_ wish: OwnConfiguration, _ flags: String...) async throws {
        let arguments = AtRest.applying(manifest: try wish.manifest())
        let run = try await AtRest()(arguments + flags)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        try await wish.expectOnEveryHost()
        let again = try await AtRest()(arguments)
        #expect(again.status == 0 && again.output.hasPrefix("Nothing to do"), "\(again.output)\(again.errors)")
        let inputs = AtRest.inputs(manifest: try wish.manifest())
        let status = try await AtRest()(["status"] + inputs)
        #expect(status.status == 0 && status.output.contains(": a custom configuration.\n"), "\(status)")
        let verified = try await AtRest()(["verify"] + inputs)
        #expect(verified.status == 0, "\(verified)")
    }

    private static func expectNotRotated(_ wish: OwnConfiguration) async throws {
        let run = try await AtRest()(AtRest.applying(manifest: try wish.manifest()) + ["--rotate-encryption-key"])
        #expect(run.status == 4)
        #expect(run.errors.contains("key rotation of custom providers file is not supported"), "\(run.errors)")
    }

    private func expectNoOwnFile() async throws {
        for host in Sandbox.hosts {
            #expect(try await Sandbox.onHost(host, "ls \(OwnConfiguration.path) 2>/dev/null || true").isEmpty)
        }
    }
}
