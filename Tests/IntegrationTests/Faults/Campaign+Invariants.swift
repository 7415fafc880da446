import FoundationEssentials

/// What must hold behind every operation.
extension Campaign {
    func expectInvariants(_ record: inout Record) async throws {
        try await Sandbox.settle()
        let declared = try await declared()
        let inputs = AtRest.inputs(manifest: try await state.wish.manifest())
        // I7: a run with nothing to do changes nothing.
        let before = try await Sandbox.fingerprint()
        let idle = try await AtRest()(declared)
        if idle.status != 0 || !idle.output.hasPrefix("Nothing to do") {
            record.findings.append(
                "the third run ended with \(idle.status): \(idle.output.prefix(1500))\(idle.errors.suffix(500))")
        }
        if try await Sandbox.fingerprint() != before {
            record.findings.append("a run with nothing to do changed something")
        }
        for command in ["status", "verify"] {
            let run = try await AtRest()([command] + inputs)
            if run.status != 0 {
                record.findings.append("\(command) ended with \(run.status): \(run.output)\(run.errors)")
            }
        }
        try await expectStored(&record)
        for host in Sandbox.hosts {
            let left = try await Sandbox.leftovers(on: host)
            if !left.isEmpty { record.findings.append("left on \(host): \(left)") }
        }
        // I8: what was there before the first operation is there again, byte for byte.
        if state.wish.mode == .disabled, let plain = state.plain, try await PlainCluster.now() != plain {
            record.findings.append("the hosts are not what they were before encryption")
        }
    }

    /// I2: under which keys etcd holds anything, and whether every host has them.
    private func expectStored(_ record: inout Record) async throws {
        let names = Dictionary(grouping: try await Sandbox.allKeys(), by: \.name).mapValues(\.count)
        for resource in ["secrets", "configmaps"] {
            for (form, count) in try await Sandbox.storedForms(of: resource) where form.hasPrefix("k8s:enc:") {
                let words = form.split(separator: ":")
                guard words.count == 5, words[2] != "kms" else { continue }
                if names[String(words[4])] ?? 0 < Sandbox.hosts.count {
                    record.lostKeys += 1
                    record.findings.append(
                        "\(count) \(resource) are stored as \(form), and not every host has that key")
                }
            }
        }
    }
}

extension Sandbox {
    /// Every key in every configuration file of a host.
    static func allKeys() async throws -> [StoredKey] {
        try await keys(in: "/etc/kubernetes/encryption-providers/*")
    }

    /// Waits until etcd has all of its members, and, where nothing stands in their way but time, the API servers are ready.
    static func waitUntilReady() async throws {
        try await waitUntil("etcd has all of its members") {
            try await onHost("cp1", "etcdctl endpoint health --cluster 2>&1 || true")
                .split(separator: "\n").count { $0.contains("is healthy") } == hosts.count
        }
        // One that starts again and again on what a run that was cut short left behind only the next run puts right.
        _ = try? await waitUntil("the API servers are ready") {
            for address in addresses {
                let answer = try await onHost(
                    "cp1", "kubectl --server https://\(address):6443 get --raw /readyz 2>/dev/null || true")
                guard answer == "ok" else { return false }
            }
            return true
        }
    }
}
