import ControlPlane
import FoundationEssentials
import Reconciliation
import Testing

/// What Kubernetes 1.20 cannot show, on a real API server of today; needs no sandbox of hosts.
@Suite("A server of today", .serialized) struct ModernTests {
    private static let prefix = StoragePrefix()

    static func key(_ name: String, _ provider: String = "aescbc") -> String {
        let secret = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        return "\(provider): {keys: [{name: \(name), secret: \(secret)}]}"
    }

    static func entry(_ resources: String, _ providers: String...) -> String {
        let list = providers.map { "{\($0)}" }.joined(separator: ", ")
        return "- {resources: [\(resources)], providers: [\(list)]}"
    }

    static func form(_ name: String, _ scheme: String = "aescbc:v1") -> StoredForm {
        .encrypted(scheme: scheme, name: name)
    }

    /// Makes the kind `Widget` and waits until discovery has it.
    private func makeWidgets(on modern: ModernServer) async throws -> ServedResource {
        try await modern.post(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            #"""
            {"metadata":{"name":"widgets.atrest.test"},"spec":{"group":"atrest.test","scope":"Namespaced",
            "names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
            "x-kubernetes-preserve-unknown-fields":true}}}]}}
            """#)
        let name = ResourceName("widgets.atrest.test")
        try await Sandbox.waitUntil("discovery of \(name)") {
            try await modern.server.servedResources().named(name).count == 1
        }
        return try #require(try await modern.server.servedResources().named(name).first)
    }

    private func makeWidget(_ name: String, on modern: ModernServer) async throws {
        try await modern.post(
            "/apis/atrest.test/v1/namespaces/demo/widgets",
            #"{"apiVersion":"atrest.test/v1","kind":"Widget","metadata":{"name":"\#(name)"},"spec":{"x":"\#(name)"}}"#)
    }

    private func makeNamespace(on modern: ModernServer) async throws {
        try await modern.post("/api/v1/namespaces", #"{"metadata":{"name":"demo"}}"#)
    }

    private func range(of resource: ServedResource) -> KeyRange {
        Self.prefix.range(of: resource.name, isCustom: resource.origin == .custom)
    }

    @Test("a custom resource under a new key => discovered, found in etcd in both forms, rewritten, all under the key")
    func customResource() async throws {
        let secrets = Self.entry("secrets", Self.key("own"), "identity: {}")
        try await withModernServer(configuration: secrets) { modern in
            try await self.makeNamespace(on: modern)
            let widgets = try await self.makeWidgets(on: modern)
            #expect(widgets.origin == .custom)
            #expect(widgets.isRewritable)
            for name in ["a", "b"] { try await self.makeWidget(name, on: modern) }
            let etcd = try await modern.classifier()
            let before = try await etcd.classify(self.range(of: widgets), knownForms: [])
            #expect(before.counts == [.plaintext: 2])

            try modern.configure(
                secrets + "\n" + Self.entry("widgets.atrest.test", Self.key("widgets"), "identity: {}"))
            try await modern.restart()
            try await self.makeWidget("c", on: modern)
            let between = try await etcd.classify(self.range(of: widgets), knownForms: [])
            #expect(between.counts == [.plaintext: 2, Self.form("widgets"): 1])

            let result = try await modern.rewrite(widgets)
            #expect(result.patched == 3)
            #expect(result.failures == [])
            let after = try await etcd.classify(
                self.range(of: widgets), knownForms: [], expecting: Self.form("widgets"))
            #expect(after.counts == [Self.form("widgets"): 3])
        }
    }

    @Test("*.* behind an entry for Secrets => all resources are found, rewritten, and stored as atrest reads it")
    func wildcard() async throws {
        let plain = Self.entry("'*.*'", "identity: {}")
        try await withModernServer(configuration: plain) { modern in
            try await self.makeNamespace(on: modern)
            let widgets = try await self.makeWidgets(on: modern)
            try await self.makeWidget("a", on: modern)
            for (path, kind) in [
                ("/api/v1/namespaces/demo/secrets", "Secret"), ("/api/v1/namespaces/demo/configmaps", "ConfigMap"),
                ("/api/v1/namespaces/demo/services", "Service"),
                ("/apis/apps/v1/namespaces/demo/deployments", "Deployment"),
                ("/apis/networking.k8s.io/v1/namespaces/demo/ingresses", "Ingress"),
                ("/apis/rbac.authorization.k8s.io/v1/clusterroles", "ClusterRole"),
            ] {
                try await modern.post(path, #"{"kind":"\#(kind)","metadata":{"name":"a"}}"#)
            }
            let etcd = try await modern.classifier()
            let before = try await etcd.survey(Self.prefix, knownForms: [])
            #expect(before.encrypted == [:])

            let entries = [
                Self.entry("secrets", Self.key("own"), "identity: {}"),
                Self.entry("'*.apps'", Self.key("apps", "aesgcm"), "identity: {}"),
                Self.entry("'*.*'", Self.key("all", "secretbox"), "identity: {}"),
            ].joined(separator: "\n")
            let configuration = try EncryptionConfigurationFile(wish: ModernServer.text(entries), label: "f")
                .configuration
            try modern.configure(entries)
            try await modern.restart()

            let all = try await modern.server.servedResources()
            let served = all.stored(under: .everything).flatMap(all.named)
            for resource in served {
                let result = try await modern.rewrite(resource)
                #expect(result.failures == [], "\(resource.name)")
                let writeKey = configuration.keyRing(for: resource.name).writeKey
                let census = try await etcd.classify(self.range(of: resource), knownForms: [])
                #expect(census.objects.forms == [writeKey.storedForm], "\(resource.name)")
                #expect(census.objects.count == result.patched, "\(resource.name)")
            }
            #expect(Set(served.map(\.name)).isSuperset(of: [widgets.name, ResourceName("deployments.apps")]))

            // Nothing at all is left over: what the wildcard covers was found, whether anybody names it or not.
            let forms = try await etcd.survey(Self.prefix, knownForms: []).forms
            let rest = Self.form("all", "secretbox:v1")
            let expected: [String: Set<StoredForm>] = [
                "/registry/secrets/": [Self.form("own")], "/registry/deployments/": [Self.form("apps", "aesgcm:v1")],
                "/registry/namespaces/": [rest], "/registry/configmaps/": [rest], "/registry/services/specs/": [rest],
                "/registry/ingress/": [rest], "/registry/clusterroles/": [rest],
                "/registry/atrest.test/widgets/": [rest],
                "/registry/apiextensions.k8s.io/customresourcedefinitions/": [rest],
            ]
            #expect(forms == expected)
        }
    }

    @Test(
        "decide's rounds to *.*, to another *.* and away => each file is loaded, what is installed meanwhile is rewritten too"
    )
    func rounds() async throws {
        func wish(_ entries: String...) throws -> EncryptionConfigurationFile {
            try EncryptionConfigurationFile(wish: ModernServer.text(entries.joined(separator: "\n")), label: "wish")
        }
        let wishes = [
            try wish(Self.entry("secrets", Self.key("own")), Self.entry("'*.*'", Self.key("all"), "identity: {}")),
            try wish(
                Self.entry("deployments.apps", "identity: {}"), Self.entry("'*.apps'", Self.key("apps")),
                Self.entry("'*.*'", Self.key("next", "secretbox"))),
            nil,
        ]
        try await withModernServer(configuration: Self.entry("secrets", "identity: {}")) { modern in
            try await self.makeNamespace(on: modern)
            for (path, kind) in [
                ("/api/v1/namespaces/demo/secrets", "Secret"), ("/api/v1/namespaces/demo/configmaps", "ConfigMap"),
                ("/apis/apps/v1/namespaces/demo/deployments", "Deployment"),
            ] {
                try await modern.post(path, #"{"kind":"\#(kind)","metadata":{"name":"a"}}"#)
            }
            var run = ModernRun(modern)
            for (number, wish) in wishes.enumerated() {
                try await run.carryOut(wish) { round in
                    // In the middle of the first run.
                    guard number == 0, round == .writeWithWanted else { return }
                    _ = try await self.makeWidgets(on: modern)
                    try await self.makeWidget("late", on: modern)
                }
                let stored = try await run.observe(wish).stored
                #expect(stored.count > 1 || wish == nil)
                for (resource, objects) in stored {
                    let key = wish?.configuration.keyRing(for: resource).writeKey ?? .identity
                    #expect(objects.forms.isSubset(of: [key.storedForm]), "\(resource)")
                }
                if number == 0 { #expect(stored[ResourceName("widgets.atrest.test")]?.count == 1) }
            }
            #expect(try await modern.classifier().survey(Self.prefix, knownForms: []).encrypted == [:])
        }
    }

    @Test("a file replaced under a server that reloads => its metric says when it is loaded, and that a bad one is not")
    func reload() async throws {
        let first = Self.entry("secrets", Self.key("first"), "identity: {}")
        let flag = "--encryption-provider-config-automatic-reload=true"
        try await withModernServer(configuration: first, [flag]) { modern in
            let before = try modern.digestOnDisk()
            #expect(try await modern.server.loadedConfigurationDigest() == before)

            try modern.configure(first.replacing("first", with: "second"))
            let after = try modern.digestOnDisk()
            #expect(after != before)
            try await Sandbox.waitUntil("the new configuration") {
                try await modern.server.loadedConfigurationDigest() == after
            }
            try await self.makeNamespace(on: modern)
            try await modern.post("/api/v1/namespaces/demo/secrets", #"{"kind":"Secret","metadata":{"name":"a"}}"#)
            let secrets = try await modern.classifier().classify(
                Self.prefix.range(of: .secrets), knownForms: [])
            #expect(secrets.counts == [Self.form("second"): 1])

            try modern.configure(Self.entry("secrets", "aescbc: {keys: [{name: bad, secret: AAAA}]}"))
            try await Sandbox.waitUntil("a look at the bad configuration") {
                let failures = HTTPRequest(
                    "GET", "/metrics",
                    wantedLines: "apiserver_encryption_config_controller_automatic_reloads_total{")
                return String(decoding: try await modern.api.send(failures).body, as: UTF8.self)
                    .contains(#"status="failure""#)
            }
            #expect(try await modern.server.loadedConfigurationDigest() == after)
        }
    }

    @Test("an API server that does not reload => its metric says what it started with, whatever is on disk")
    func started() async throws {
        let first = Self.entry("secrets", Self.key("first"), "identity: {}")
        try await withModernServer(configuration: first) { modern in
            let before = try modern.digestOnDisk()
            try modern.configure(first.replacing("first", with: "second"))
            #expect(try await modern.server.loadedConfigurationDigest() == before)
            try await modern.restart()
            #expect(try await modern.server.loadedConfigurationDigest() == modern.digestOnDisk())
        }
    }
}
