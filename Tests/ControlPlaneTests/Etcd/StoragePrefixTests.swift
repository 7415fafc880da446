import ControlPlane
import Reconciliation
import Testing

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
}
