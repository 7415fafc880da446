import Testing

extension OnTheSandbox {
    @Test("a fourth host joins without the file => its API server cannot start, one apply has it serve")
    func joinedWithoutFile() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let key = try await Sandbox.onlyKey()
        try await Sandbox.withFourthHost { host, address in
            _ = try await command(Sandbox.script, ["join", "--no-wait", host]).checked("join")
            try await Sandbox.waitUntil("\(host)'s API server cannot start") {
                try await Sandbox.onHost(host, "cat /var/log/pods/*_kube-apiserver-*/*/*.log 2>/dev/null || true")
                    .contains("encryption-providers.yaml: no such file")
            }
            try await Sandbox.settle()
            let others = try await Sandbox.controlPlanes(of: Sandbox.hosts)
            let run = try await AtRest()(AtRest.applying())
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("~ \(host)  secrets: write …\(key.name.suffix(4))"), "\(run.output)")
            #expect(run.output.contains("the configuration file is missing"), "\(run.output)")
            #expect(try await Sandbox.controlPlanes(of: Sandbox.hosts) == others)
            try await Sandbox.expectInOrder()
            try await expectServes(address)
        }
        #expect(try await Sandbox.onlyKey() == key)
        try await Sandbox.expectInOrder()
    }

    @Test("a fourth host is prepared before its join => it joins and serves, nothing is left to do")
    func preparedBeforeJoin() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let key = try await Sandbox.onlyKey()
        try await Sandbox.withFourthHost { host, address in
            _ = try await command(Sandbox.script, ["add", host]).checked("add")
            try await Sandbox.settle()
            let others = try await Sandbox.controlPlanes(of: Sandbox.hosts)
            let run = try await AtRest()(AtRest.applying())
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("+ \(host)  "), "\(run.output)")
            #expect(try await Sandbox.controlPlanes(of: Sandbox.hosts) == others)
            try await Sandbox.expectInOrder()

            _ = try await command(Sandbox.script, ["join", host]).checked("join")
            try await Sandbox.expectInOrder()
            try await expectServes(address)
        }
        #expect(try await Sandbox.onlyKey() == key)
        try await Sandbox.expectInOrder()
    }

    /// An API server lists what the others stored, and the others read what it stores.
    private func expectServes(_ address: String) async throws {
        let server = "https://\(address):6443"
        #expect(try await Sandbox.kubectl("--server", server, "get", "--raw", "/readyz") == "ok")
        let seen = try await Sandbox.kubectl("--server", server, "get", "secrets", "-n", "seeded", "-o", "name")
        #expect(seen.split(separator: "\n").count >= 2000)
        _ = try await Sandbox.kubectl(
            "--server", server, "create", "secret", "generic", "-n", "default", "from-the-fourth",
            "--from-literal=value=a")
        for address in Sandbox.addresses {
            let value = try await Sandbox.kubectl(
                "--server", "https://\(address):6443", "get", "secret", "-n", "default", "from-the-fourth", "-o",
                "jsonpath={.data.value}")
            #expect(value == "YQ==")
        }
        _ = try await Sandbox.kubectl("delete", "secret", "-n", "default", "from-the-fourth")
    }
}
