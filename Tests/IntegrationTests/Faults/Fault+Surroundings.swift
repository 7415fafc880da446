import FoundationEssentials

/// What a run finds around itself, from before its beginning until it has ended.
struct Surroundings: Sendable {
    /// What is different in the run's environment.
    var environment: [String: String] = [:]
}

extension PlannedFault {
    /// Has it last for the length of `body`.
    func during<Value: Sendable>(
        _ surroundings: Surroundings, _ body: @escaping @Sendable (Surroundings) async throws -> Value
    ) async throws -> Value {
        if let kind = fault.proxyKind {
            var changed = surroundings
            changed.environment["PATH"] = try APIProxy.pathWithSSH()
            let surroundings = changed
            return try await APIProxy.during(kind, Sandbox.hosts[...]) { try await body(surroundings) }
        }
        switch fault {
        case .operatorClock:
            var changed = surroundings
            changed.environment["LD_PRELOAD"] = try Clock.library()
            changed.environment["FAKETIME"] = clockOffset
            return try await body(changed)
        case .hostClock:
            try await Clock.change(on: host, by: clockOffset)
            return try await ending(body, surroundings) { try await Clock.reset(on: host) }
        case .badNetwork: return try await BadNetwork.during { try await body(surroundings) }
        case .denyingWebhook, .hangingWebhook:
            return try await Webhook.during(fault == .hangingWebhook ? "hangs" : "denies") {
                try await body(surroundings)
            }
        case .undecryptable:
            try await Undecryptable.put()
            return try await ending(body, surroundings) { try await Undecryptable.remove() }
        default: return try await body(surroundings)
        }
    }

    private var clockOffset: String { milliseconds.isMultiple(of: 2) ? "+2d" : "-2d" }

    private func ending<Value>(
        _ body: (Surroundings) async throws -> Value, _ surroundings: Surroundings, _ end: () async throws -> Void
    ) async throws -> Value {
        let result = await Result { try await body(surroundings) }
        try await end()
        return try result.get()
    }
}

/// Another time of day for every program that starts from now on, by Debian's libfaketime.
private enum Clock {
    static func library() throws -> String {
        for path in ["x86_64", "aarch64"].map({ "/usr/lib/\($0)-linux-gnu/faketime/libfaketime.so.1" })
        where FileManager.default.fileExists(atPath: path) {
            return path
        }
        throw CommandFailed(description: "libfaketime is not installed: scripts/prerequisites installs it")
    }

    static func change(on host: String, by offset: String) async throws {
        let content = try Data(contentsOf: URL(filePath: try library()))
        _ = try await Sandbox.onHost(
            host,
            """
            base64 -d > /usr/local/lib/libfaketime.so.1
            echo '\(offset)' > /etc/faketimerc
            echo /usr/local/lib/libfaketime.so.1 > /etc/ld.so.preload
            """, input: content.base64EncodedString())
        // The server of now has the time of before.
        _ = try await Sandbox.onHost(host, "kill $(cat /run/sshd.pid)")
        try await Sandbox.waitForSSH(of: host)
    }

    static func reset(on host: String) async throws {
        _ = try await Sandbox.onHost(host, "rm -f /etc/ld.so.preload; kill $(cat /run/sshd.pid)")
        try await Sandbox.waitForSSH(of: host)
    }
}

/// The operator's way to the hosts, slow and with loss; the hosts' own network and the other clients' are as they were.
private enum BadNetwork {
    private static let network = "atrest-switch"

    static func during<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        // Frames that are to be cut or summed by hardware that is not there would arrive broken.
        try await ip(
            """
            ip link set machine nomaster
            ip link add wire type veth peer name wire-end
            ip link set wire-end master br0 up
            ip link set wire up
            ip link set machine promisc on
            ip link set wire promisc on
            """)
        let result = await Result {
            try await beside(
                "bad-network.py", ["machine", "wire", "0.25", "0.05"], in: network, isAnnounced: true, body
            ).value
        }
        try await ip("ip link del wire; ip link set machine promisc off; ip link set machine master br0")
        return try result.get()
    }

    private static func ip(_ script: String) async throws {
        _ = try await command("ip", ["netns", "exec", network, "sh", "-euc", script]).checked(script)
    }
}

/// An admission webhook for every change of a Secret.
private enum Webhook {
    private static let address = "10.199.0.1"

    static func during<Value: Sendable>(
        _ kind: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let home = try makeTemporaryDirectory("webhook")
        _ = try await command(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=webhook", "-addext", "subjectAltName=IP:\(address)", "-keyout", home + "/key", "-out",
                home + "/certificate",
            ]
        ).checked("openssl req")
        let authority = try Data(contentsOf: URL(filePath: home + "/certificate")).base64EncodedString()
        let configuration = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: fault}
            webhooks:
              - name: fault.example.com
                clientConfig: {url: "https://\(address):9443/", caBundle: \(authority)}
                rules: [{apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [secrets]}]
                failurePolicy: Fail
                sideEffects: None
                timeoutSeconds: 2
                admissionReviewVersions: [v1]
            """
        let result = await Result {
            try await beside(
                "webhook.py", [home + "/certificate", home + "/key", address, kind], isAnnounced: true
            ) {
                _ = try await Sandbox.kubectl("apply", "-f", "-", input: configuration)
                return try await body()
            }.value
        }
        // A run that a fault has cut short may have left an API server that is only just coming up.
        try await Sandbox.waitUntil("the webhook is gone") {
            (try? await Sandbox.kubectl("delete", "validatingwebhookconfiguration", "fault", "--ignore-not-found"))
                != nil
        }
        return try result.get()
    }
}

/// A proxy on each host that stands where the run believes the API server.
private enum APIProxy {
    static func during<Value: Sendable>(
        _ kind: String, _ hosts: ArraySlice<String>, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let host = hosts.first else { return try await body() }
        return try await beside(
            "api-proxy.py", [Sandbox.state, host, kind, "0.15"], in: "atrest-\(host)", isAnnounced: true
        ) {
            try await during(kind, hosts.dropFirst(), body)
        }.value
    }

    /// A search path whose ssh forwards to the proxies.
    static func pathWithSSH() throws -> String {
        let directory = try makeTemporaryDirectory("ssh")
        let path = testEnvironment("PATH") ?? "/usr/bin:/bin"
        let script = """
            #!/bin/bash
            exec /usr/bin/ssh "${@//127.0.0.1:6443/127.0.0.1:7443}"

            """
        try script.write(toFile: directory + "/ssh", atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory + "/ssh")
        return directory + ":" + path
    }
}

/// A Secret from long ago, whose key is nowhere.
private enum Undecryptable {
    private static let name = "/registry/secrets/undecryptable/lost"

    static func put() async throws {
        _ = try? await Sandbox.kubectl("create", "namespace", "undecryptable")
        _ = try await Sandbox.onHost(
            "cp1", "head -c 96 /dev/urandom | { printf 'k8s:enc:aescbc:v1:lost-long-ago:'; cat; } | etcdctl put \(name)"
        )
    }

    static func remove() async throws {
        _ = try await Sandbox.etcdctl("del \(name)")
    }
}

extension Sandbox {
    /// Waits until a host takes ssh connections again.
    static func waitForSSH(of host: String) async throws {
        try await waitUntil("sshd of \(host) listens") {
            try await onHost(host, "ss -Hltn 'sport = :22' | wc -l") != "0\n"
        }
    }
}
