import ControlPlane
import Reconciliation
import Synchronization
import Testing

@Suite struct APIServerTests {
    /// A server that has these answers by method and path, and no other.
    private func server(_ answers: [String: HTTPResponse]) -> APIServer {
        let send: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
            let call = "\(request.method) \(request.path)"
            return answers[call] ?? .status(404, "NotFound", "nothing at \(call)")
        }
        return APIServer(HTTPChannel(send: send, close: {}))
    }

    private func ok(_ text: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(text.utf8)) }

    @Test("a server that is ready, or is not => every check with its name", arguments: [200, 500])
    func health(status: Int) async throws {
        let text = """
            [+]ping ok
            [-]kms-provider-0 failed: reason withheld
            [+]poststarthook/rbac/bootstrap-roles ok
            readyz check failed
            """
        let server = server(["GET /readyz?verbose": HTTPResponse(status: status, body: Array(text.utf8))])
        let expected = [
            HealthCheck(name: "ping", isPassing: true), HealthCheck(name: "kms-provider-0", isPassing: false),
            HealthCheck(name: "poststarthook/rbac/bootstrap-roles", isPassing: true),
        ]
        #expect(try await server.healthChecks() == expected)
    }

    @Test("no right to see the health => an error that says so, not a list of failed checks")
    func healthForbidden() async throws {
        let server = server(["GET /readyz?verbose": .status(403, "Forbidden", "no")])
        await #expect { try await server.healthChecks() } throws: { ($0 as? APIStatus)?.isForbidden == true }
    }

    @Test("addresses in several subsets, ready or not => all of them")
    func addresses() async throws {
        let path = "GET /api/v1/namespaces/default/endpoints/kubernetes"
        let server = server([
            path: ok(
                #"{"subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]},{"notReadyAddresses":[{"ip":"fd00::3"}]}]}"#
            )
        ])
        #expect(try await server.advertisedAddresses() == ["10.0.0.1", "10.0.0.2", "fd00::3"])
        #expect(try await self.server([path: ok(#"{"metadata":{}}"#)]).advertisedAddresses() == [])
    }

    @Test(
        "an answer that passes, 500, 429 or a broken connection => asked again; one about a key, or too many => the error",
        arguments: [
            (HTTPResponse.status(500, "InternalError", "etcdserver: leader changed"), 3, true),
            (.status(429, "TooManyRequests", "later"), 1, true), (nil, 3, true),
            (.status(500, "InternalError", "etcdserver: leader changed"), 4, false),
            (.status(500, "InternalError", "no matching key was found for the provided AES transformer"), 1, false),
            (.status(403, "Forbidden", "no"), 1, false),
        ])
    func passing(answer: HTTPResponse?, times: Int, isOvercome: Bool) async throws {
        let reads: [@Sendable (APIServer) async throws -> Void] = [
            { _ = try await $0.version() }, { try await $0.probe(.secrets, namespace: "a", name: "s") },
        ]
        for read in reads {
            let asked = Mutex(0)
            let server = APIServer(
                HTTPChannel(
                    send: { _ in
                        let number = asked.withLock { asked in
                            asked += 1
                            return asked
                        }
                        guard number <= times else { return self.ok(#"{"gitVersion":"v1.20.2"}"#) }
                        guard let answer else { throw HTTPFailure.dropped("reset") }
                        return answer
                    }, close: {}))
            let isRead: Void? = try? await read(server)
            #expect((isRead != nil) == isOvercome)
            #expect(asked.withLock(\.self) == (isOvercome ? times + 1 : times))
        }
    }

    @Test("API servers' pods, ready or not, or not told => since when those are that are ready, by their addresses")
    func readySince() async throws {
        let path = "GET /api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-apiserver"
        let pods = """
            {"items":[
            {"status":{"podIP":"10.0.0.1","conditions":[
            {"type":"Initialized","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"},
            {"type":"Ready","status":"True","lastTransitionTime":"2026-01-31T23:59:59Z"}]}},
            {"status":{"podIP":"10.0.0.2","conditions":[
            {"type":"Ready","status":"False","lastTransitionTime":"2026-01-31T23:59:59Z"}]}},
            {"status":{"podIP":"10.0.0.3"}},{}]}
            """
        #expect(try await server([path: ok(pods)]).apiServersReadySince() == ["10.0.0.1": "2026-01-31T23:59:59Z"])
    }

    @Test("the metric of what is loaded, there once, missing, or of several servers => the digest, or nothing")
    func loadedConfiguration() async throws {
        let digest = String(repeating: "0123456789abcdef", count: 4)
        let name = "apiserver_encryption_config_controller_last_config_info"
        let line = #"\#(name){apiserver_id_hash="sha256:ff",hash="sha256:\#(digest)"} 1"# + "\n"
        func loaded(_ text: String) async throws -> String? {
            try await server(["GET /metrics": ok(text)]).loadedConfigurationDigest()
        }
        #expect(try await loaded("# TYPE \(name) gauge\n" + line + "other 1\n") == digest)
        #expect(try await loaded("# TYPE \(name) gauge\nother 1\n") == nil)
        #expect(try await loaded(line + line) == nil)
        #expect(try await loaded(line.replacing("sha256:\(digest)", with: "")) == nil)
        #expect(try await loaded(line.replacing(digest, with: "../etc")) == nil)
    }

    @Test("kubeadm's ConfigMap there, without its text, or missing => the text or nothing")
    func kubeadm() async throws {
        let path = "GET /api/v1/namespaces/kube-system/configmaps/kubeadm-config"
        let text =
            #"{"metadata":{"resourceVersion":"42"},"data":{"ClusterConfiguration":"apiServer: {}\n","ClusterStatus":""}}"#
        let expected = KubeadmConfiguration(text: "apiServer: {}\n", resourceVersion: "42")
        #expect(try await server([path: ok(text)]).kubeadmConfiguration() == expected)
        #expect(try await server([path: ok(#"{"metadata":{"resourceVersion":"42"}}"#)]).kubeadmConfiguration() == nil)
        #expect(try await server([:]).kubeadmConfiguration() == nil)
    }

    @Test("kubeadm's text is written back => a merge patch that holds only where nobody wrote in between")
    func kubeadmReplaced() async throws {
        let channel = HTTPChannel(
            send: { request in
                #expect(request.method == "PATCH")
                #expect(request.headers.contains { $0 == ("Content-Type", "application/merge-patch+json") })
                let body = String(decoding: request.body, as: UTF8.self)
                #expect(body.contains(#""resourceVersion":"42""#))
                #expect(body.contains(#""ClusterConfiguration":"a: \"b\"\n""#))
                return .status(409, "Conflict", "the object has been modified")
            }, close: {})
        await #expect {
            try await APIServer(channel).replace(KubeadmConfiguration(text: "a: \"b\"\n", resourceVersion: "42"))
        } throws: {
            ($0 as? APIStatus)?.isConflict == true
        }
    }

    @Test("an error's text => one line without control characters, and not endless")
    func message() async throws {
        let long = String(repeating: "x", count: 10_000)
        let server = server(["GET /version": .status(500, "Internal\\u001b[31m", "a\\nb\\u0007\\u202ec \(long)")])
        await #expect { try await server.version() } throws: { error in
            let text = "\(error)"
            return text.hasPrefix("the API server answered 500 Internal [31m to GET /version: a b  c xxx")
                && text.count < 600
        }
    }

    @Test("an answer that is not the API's => an error that quotes none of it")
    func unreadable() async throws {
        await #expect { try await self.server(["GET /version": self.ok("<html>hello")]).version() } throws: { error in
            error is UnreadableAnswer && !"\(error)".contains("hello")
        }
    }

    @Test("discovery => paths for names of a configuration, wildcards, custom and aggregated resources")
    func discovery() async throws {
        func resource(_ name: String) -> String { #"{"name":"\#(name)","namespaced":true,"verbs":["list","patch"]}"# }
        func resources(_ names: String...) -> HTTPResponse {
            ok(#"{"resources":[\#(names.map(resource).joined(separator: ","))]}"#)
        }
        func group(_ name: String, _ versions: [String]) -> String {
            let list = versions.map { #"{"version":"\#($0)"}"# }
            return #"{"name":"\#(name)","versions":[\#(list.joined(separator: ","))],"preferredVersion":\#(list[0])}"#
        }
        let groups = [
            group("batch", ["v1", "v1beta1"]), group("example.com", ["v2"]), group("metrics.k8s.io", ["v1"]),
        ]
        let services = #"""
            {"metadata":{},"columnDefinitions":[{"name":"Name","format":"name"},{"name":"Service","format":""}],
            "rows":[{"cells":["v1.batch","Local"]},{"cells":["v1.metrics.k8s.io","kube-system/metrics"]}]}
            """#
        let server = server([
            "GET /apis/apiregistration.k8s.io/v1/apiservices?includeObject=None": ok(services),
            "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions?includeObject=None": .table([
                "things.example.com"
            ]),
            "GET /api/v1": resources("secrets", "pods", "pods/status"),
            "GET /apis": ok(#"{"groups":[\#(groups.joined(separator: ","))]}"#),
            "GET /apis/batch/v1": resources("jobs"),
            "GET /apis/batch/v1beta1": resources("jobs", "cronjobs"),
            "GET /apis/example.com/v2": resources("things"),
            "GET /apis/metrics.k8s.io/v1": .status(503, "ServiceUnavailable", "down"),
        ])
        let served = try await server.servedResources()
        #expect(
            served.resources.map(\.name.text) == [
                "secrets", "pods", "jobs.batch", "cronjobs.batch", "things.example.com",
            ])
        #expect(served.silentGroups == ["metrics.k8s.io"])
        #expect(served.named(ResourceName("jobs.batch")).map(\.version) == ["v1"])
        #expect(served.named(ResourceName("cronjobs.batch")).map(\.version) == ["v1beta1"])
        #expect(served.named(ResourceName("things.example.com")).map(\.origin) == [.custom])
        #expect(served.named(ResourceName("*.batch")).map(\.plural) == ["jobs", "cronjobs"])
        #expect(served.named(ResourceName("*.")).map(\.plural) == ["secrets", "pods"])
        #expect(served.named(ResourceName("*.*")).count == 5)
        #expect(served.stored(under: ResourceName("*.")).map(\.text) == ["secrets", "pods"])
        #expect(served.stored(under: ResourceName("leases.coordination.k8s.io")).count == 1)
        #expect(served.named(ResourceName("leases.coordination.k8s.io")) == [])
    }

    @Test("what a wildcard covers => stored by this API, listed and patched; events once")
    func storedUnderWildcard() {
        let served = ServedResources(resources: [
            .secrets, ServedResource(plural: "events", group: "", version: "v1", isNamespaced: true),
            ServedResource(plural: "events", group: "events.k8s.io", version: "v1", isNamespaced: true),
            ServedResource(
                plural: "tokenreviews", group: "authentication.k8s.io", version: "v1", isNamespaced: false,
                verbs: ["create"]),
            ServedResource(
                plural: "pods", group: "metrics.k8s.io", version: "v1", isNamespaced: true, origin: .aggregated),
            ServedResource(
                plural: "widgets", group: "example.com", version: "v1", isNamespaced: true, origin: .custom),
        ])
        #expect(
            served.stored(under: .everything).map(\.text) == ["secrets", "events", "widgets.example.com"])
        #expect(served.stored(under: ResourceName("*.example.com")).map(\.text) == ["widgets.example.com"])
    }
}
