import Testing

/// A key as a configuration file has it: its name and its base64 secret, which no failed assertion shows.
struct StoredKey: Equatable, CustomStringConvertible, CustomReflectable {
    let name: String
    let secret: String

    var description: String { name }
    var customMirror: Mirror { Mirror(reflecting: name) }
}

extension Sandbox {
    /// Whether the longer forms are asked for.
    static let isLong = testEnvironment("ATREST_LONG_TESTS") == "1"

    /// A namespace with Secrets to read; made once for the whole run.
    static func seed(_ count: Int) async throws {
        // What the load of earlier tests wrote would have to be rewritten again and again. In one request: with a label kubectl
        // deletes five a second.
        _ = try await kubectl(
            "delete", "--raw", "/api/v1/namespaces/seeded/secrets?labelSelector=written-by%3Dload")
        let present = try await kubectl("get", "secrets", "-n", "seeded", "--ignore-not-found", "-o", "name")
        guard present.split(separator: "\n").count(where: { $0.hasPrefix("secret/seed-") }) < count else { return }
        var objects = "apiVersion: v1\nkind: Namespace\nmetadata: {name: seeded}\n"
        for number in 0..<count {
            objects += "---\napiVersion: v1\nkind: Secret\nmetadata: {name: seed-\(number), namespace: seeded}\n"
            objects += "stringData: {value: \"seeded-\(number)\"}\n"
        }
        _ = try? await kubectl("create", "-f", "-", input: objects)
    }

    /// A manifest with encryption switched on or off.
    static func manifest(enabling isEnabled: Bool) async throws -> String {
        let path = try makeTemporaryDirectory("manifest") + "/kubeone.yaml"
        _ = try await command(
            "sh", ["-c", "sed 's/enable: .*/enable: \(isEnabled)/' \"$0\" > \"$1\"", Sandbox.manifest, path]
        ).checked("sed")
        return path
    }

    /// Makes the cluster one whose Secrets are plain text, as kubeadm leaves it.
    static func ensureUnencrypted() async throws {
        let run = try await AtRest()(
            AtRest.applying(manifest: try await manifest(enabling: false)))
        try #require(run.status == 0, "\(run.errors)")
        try #require(try await Set(storedForms().keys) == ["plain text"])
    }

    /// Makes the cluster an encrypted one.
    static func ensureEncrypted() async throws {
        let run = try await AtRest()(AtRest.applying())
        try #require(run.status == 0, "\(run.errors)")
    }

    /// The name and the base64 secret of every key in each host's configuration files, in the hosts' order.
    static func keys(in files: String = configurationFile) async throws -> [StoredKey] {
        var keys: [StoredKey] = []
        for host in hosts {
            // However it is laid out: KMS providers have a name as well, but no secret behind it.
            let text = try await onHost(host, "cat \(files) 2>/dev/null || true")
            let words = text.split { " \n{},[]".contains($0) }
            for (index, word) in words.enumerated() where word == "name:" && index + 3 < words.count {
                guard words[index + 2] == "secret:" else { continue }
                keys.append(StoredKey(name: String(words[index + 1]), secret: String(words[index + 3])))
            }
        }
        return keys
    }

    /// The one key that every host has, and that all of etcd is stored under; nothing else of a run is left.
    static func onlyKey(
        _ provider: String = "aescbc", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> StoredKey {
        let keys = try await keys()
        #expect(keys.count == hosts.count && Set(keys.map(\.secret)).count == 1, sourceLocation: sourceLocation)
        let key = try #require(keys.first, sourceLocation: sourceLocation)
        let forms = try await storedForms()
        #expect(forms.keys.sorted() == ["k8s:enc:\(provider):v1:\(key.name):"], sourceLocation: sourceLocation)
        for host in hosts {
            #expect(try await leftovers(on: host).isEmpty, sourceLocation: sourceLocation)
        }
        return key
    }

    /// Looks again and again until something holds.
    static func waitUntil(_ what: String, _ holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while try await !holds() {
            guard ContinuousClock.now < deadline else { throw CommandFailed(description: "waited in vain: \(what)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
