import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct StoragePrefixTests {
    @Test(
        "the flag's slashes => one in front, none behind",
        arguments: [
            ("/registry", "/registry/"), ("registry", "/registry/"), ("/a/b//", "/a/b/"),
            ("/kubernetes.io", "/kubernetes.io/"),
            ("/", "/"), ("", "/"),
        ])
    func flag(flag: String, whole: String) {
        #expect(StoragePrefix(flag: flag).description == whole)
    }

    @Test(
        "a resource of the API server => its own directory, with the API server's exceptions",
        arguments: [
            ("secrets", "/registry/secrets/"), ("configmaps", "/registry/configmaps/"),
            ("nodes", "/registry/minions/"), ("services", "/registry/services/specs/"),
            ("endpoints", "/registry/services/endpoints/"), ("replicationcontrollers", "/registry/controllers/"),
            ("ingresses.networking.k8s.io", "/registry/ingress/"), ("ingresses.extensions", "/registry/ingress/"),
            ("podsecuritypolicies.policy", "/registry/podsecuritypolicy/"),
            ("deployments.apps", "/registry/deployments/"), ("leases.coordination.k8s.io", "/registry/leases/"),
            (
                "customresourcedefinitions.apiextensions.k8s.io",
                "/registry/apiextensions.k8s.io/customresourcedefinitions/"
            ),
            ("apiservices.apiregistration.k8s.io", "/registry/apiregistration.k8s.io/apiservices/"),
        ])
    func builtIn(resource: String, directory: String) {
        #expect(StoragePrefix().directory(of: ResourceName(resource)) == directory)
    }

    @Test("a custom resource => group, then name; its name may be one of the exceptions")
    func custom() {
        let prefix = StoragePrefix(flag: "other")
        #expect(
            prefix.directory(of: ResourceName("widgets.example.com"), isCustom: true) == "/other/example.com/widgets/")
        #expect(prefix.directory(of: ResourceName("nodes.example.com"), isCustom: true) == "/other/example.com/nodes/")
    }

    @Test("a directory => the range of what begins with it, and nothing beside it")
    func range() {
        let range = StoragePrefix().range(of: .secrets)
        #expect(range == KeyRange(from: Array("/registry/secrets/".utf8), to: Array("/registry/secrets0".utf8)))
    }

    @Test(
        "a directory => its resource; none for a key outside of any, and what API servers store for themselves is known"
    )
    func resource() {
        let prefix = StoragePrefix()
        let directories = [
            "/registry/secrets/", "/registry/minions/", "/registry/services/endpoints/", "/registry/deployments/",
            "/registry/example.com/widgets/",
        ]
        #expect(
            directories.compactMap { prefix.resource(in: $0)?.text }
                == ["secrets", "nodes", "endpoints", "deployments", "widgets.example.com"])
        #expect(prefix.resource(in: "/registry/health") == nil && prefix.resource(in: "/other/secrets/") == nil)
        let own = ["/registry/masterleases/", "/registry/peerserverleases/", "/registry/ranges/"]
        #expect(own.allSatisfy(prefix.isInternal) && !directories.contains(where: prefix.isInternal))
    }

    @Test(
        "a copy with wildcards, and no API to ask => what it cannot read is found, plain text past all encryption is none"
    )
    func unreadable() {
        let prefix = StoragePrefix()
        let key = Key.local(provider: .aescbc, name: "a", fingerprint: Fingerprint("01"))
        let other = StoredForm.encrypted(scheme: "aescbc:v1", name: "b")
        let copy = EncryptionConfiguration(entries: [
            .init(resources: [.secrets], keys: [.identity]), .init(resources: [.everything], keys: [key]),
        ])
        func unreadable(_ forms: [String: StoredForm]) -> String? {
            var survey = StorageSurvey()
            for (directory, form) in forms { survey.add([form], to: directory) }
            return survey.unreadable(to: copy, besides: [.secrets, .everything], prefix).map { "\($0) \($1)" }
        }
        let right = [
            "/registry/secrets/": other, "/registry/configmaps/": key.storedForm, "/registry/masterleases/": .plaintext,
            "/registry/example.com/widgets/": key.storedForm,
        ]
        #expect(unreadable(right) == nil)
        #expect(unreadable(right.merging(["/registry/pods/": other]) { $1 }) == "/registry/pods/ aescbc:b")
        #expect(
            unreadable(right.merging(["/registry/example.com/widgets/": .plaintext]) { $1 })
                == "/registry/example.com/widgets/ plain text")
    }
}
