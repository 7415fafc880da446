import FoundationEssentials

/// The running sandbox that `scripts/test` brought up.
enum Sandbox {
    static let root = String((#filePath as String).components(before: "/Tests/IntegrationTests/"))
    static let script = root + "/scripts/sandbox"
    static let state = testEnvironment("ATREST_SANDBOX_STATE") ?? "/tmp/atrest-sandbox"
    static let hosts = ["cp1", "cp2", "cp3"]
    static let addresses = ["10.199.0.11", "10.199.0.12", "10.199.0.13"]
    static var manifest: String { state + "/kubeone.yaml" }
    static var terraformOutput: String { state + "/output.json" }

    /// Runs a shell script as root inside of a host.
    static func onHost(_ host: String, _ script: String, input: String = "") async throws -> String {
        try await command(self.script, ["exec", host, "sh", "-euc", script], input: input)
            .checked("\(host): \(script)")
    }

    /// Runs a script on all hosts at the same time.
    static func onEachHost(
        _ script: @escaping @Sendable (_ host: String, _ address: String) -> String
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (host, address) in zip(hosts, addresses) {
                group.addTask { _ = try await onHost(host, script(host, address)) }
            }
            try await group.waitForAll()
        }
    }

    static func kubectl(_ arguments: String..., input: String = "") async throws -> String {
        try await command(
            state + "/bin/kubectl", ["--kubeconfig", state + "/admin.conf"] + arguments, input: input
        ).checked("kubectl \(arguments.joined(separator: " "))")
    }

    static func etcdctl(_ arguments: String) async throws -> String {
        try await onHost("cp1", "etcdctl \(arguments)")
    }

    /// How many objects of a resource etcd holds, by what their values begin with: `plain text`, or `k8s:enc:…:NAME:`.
    static func storedForms(of resource: String = "secrets") async throws -> [String: Int] {
        let values = try await onHost(
            "cp1",
            """
            etcdctl get /registry/\(resource)/ --prefix --write-out=json \
            | grep -o '"value":"[^"]*"' | cut -d'"' -f4 | cut -c1-88
            """)
        var forms: [String: Int] = [:]
        for line in values.split(separator: "\n") {
            // By bytes: what follows the last colon may make one character of it.
            let start = Data(base64Encoded: String(line)) ?? Data()
            let words = start.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).prefix(5)
            let prefix = words.map { String(decoding: $0, as: UTF8.self) + ":" }.joined()
            let form = prefix.hasPrefix("k8s:enc:") ? prefix : "plain text"
            forms[form, default: 0] += 1
        }
        return forms
    }

    /// Everything that a run that changes nothing must leave alone, in one text: files with mode, owner, mtime and digest;
    /// the API servers, without old ones that still end; etcd's count of writes to what is stored.
    static func fingerprint() async throws -> String {
        var parts: [String] = []
        for host in hosts {
            parts.append(try await controlPlane(of: host))
            parts.append(try await onHost(host, "find /var/lib/atrest -printf '%p %m %u:%g %T@ %s\\n' | sort"))
        }
        let secrets = try await etcdctl("get /registry/secrets/ --prefix --keys-only --write-out=fields")
        let revisions = secrets.split(separator: "\n").filter {
            $0.hasPrefix("\"Key\"") || $0.hasPrefix("\"ModRevision\"")
        }
        return (parts + [revisions.joined(separator: "\n")]).joined(separator: "\n")
    }

    /// What a run that does not touch a host leaves alone there; its lock it may have taken.
    static func controlPlane(of host: String) async throws -> String {
        try await onHost(
            host,
            """
            find /etc/kubernetes -printf '%p %m %u:%g %T@ %s\\n' | sort
            find /etc/kubernetes -type f -exec sha256sum {} + | sort
            for p in /proc/[0-9]*; do
                if [ "$(cat $p/comm 2>/dev/null)" = kube-apiserver ]; then
                    echo "$p $(cut -d')' -f2- $p/stat | cut -d' ' -f21)"; fi
            done | sort -k 2 -n | tail -n 1
            """)
    }
}

/// A variable of the tests' environment.
func testEnvironment(_ name: String) -> String? {
    ProcessEnvironment.values[name]
}

extension String {
    fileprivate func components(before separator: String) -> Substring {
        ranges(of: separator).last.map { self[..<$0.lowerBound] } ?? self[...]
    }
}
