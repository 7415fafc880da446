import Testing

extension OnTheSandbox {
    @Test("the first host cannot start with an operator's own => it is put back, exit 1, nothing is changed")
    func firstHostRolledBack() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let key = try await Sandbox.onlyKey()
        try await Sandbox.settle()
        let before = try await Sandbox.rolledBackState()
        let wish = OwnConfiguration([("secrets", [OwnConfiguration.key("rejected"), "identity: {}"])])
        let arguments = AtRest.applying(manifest: try wish.manifest()) + Sandbox.quickly

        let (run, load) = try await LoadReport.beside {
            try await Sandbox.refusingNewConfigurations(on: "cp1") { try await AtRest()(arguments) }
        }
        #expect(run.status == 1, "\(run.errors)")
        try await expectToldOf("cp1", by: run)
        try await load.expectNothingLost()
        try await Sandbox.settle()
        #expect(try await Sandbox.rolledBackState() == before)
        #expect(try await Sandbox.onlyKey() == key)
        let again = try await AtRest()(AtRest.applying())
        #expect(again.output.hasPrefix("Nothing to do"), "\(again.output)")
    }

    @Test("the second host cannot start with what is new => it is put back, exit 5; then the same command completes")
    func secondHostRolledBack() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let key = try await Sandbox.onlyKey()
        let secrets = try await Sandbox.secretsDigest()
        try await Sandbox.settle()
        let second = try await Sandbox.rolledBackState(of: "cp2")
        let third = try await Sandbox.controlPlane(of: "cp3")
        let rotating = AtRest.applying() + ["--rotate-encryption-key"] + Sandbox.quickly

        let (_, load) = try await LoadReport.beside {
            let run = try await Sandbox.refusingNewConfigurations(on: "cp2") {
                try await AtRest()(rotating)
            }
            #expect(run.status == 5, "\(run.errors)")
            try await expectToldOf("cp2", by: run)
            #expect(try await Sandbox.rolledBackState(of: "cp2") == second)
            #expect(try await Sandbox.controlPlane(of: "cp3") == third)
            for address in Sandbox.addresses {
                let health = try await Sandbox.kubectl("--server", "https://\(address):6443", "get", "--raw", "/readyz")
                #expect(health == "ok")
            }

            let keys = Set(try await Sandbox.keys().map(\.name)).subtracting([key.name])
            let completed = try await AtRest()(rotating)
            #expect(completed.status == 0, "\(completed.errors)")
            #expect(keys == [try await Sandbox.onlyKey().name])
        }
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()
    }

    /// The message has the API server's own words, what became of its host, and no key.
    private func expectToldOf(_ host: String, by run: Finished) async throws {
        #expect(run.errors.contains("\(host) was put back to what it had before"), "\(run.errors)")
        #expect(run.errors.contains("the end of its log:"), "\(run.errors)")
        #expect(run.errors.contains("encryption provider"), "\(run.errors)")
        for key in try await Sandbox.keys() {
            #expect(!run.errors.contains(key.secret) && !run.output.contains(key.secret))
        }
    }
}

extension Sandbox {
    /// For a run that does not wait long for a host that does not come back.
    fileprivate static let quickly = ["--restart-timeout", "40s"]

    /// All that a host is put back to, byte for byte: its files with mode and owner, and nothing of ours beside them.
    fileprivate static func rolledBackState(of host: String) async throws -> String {
        try await onHost(
            host,
            """
            find /etc/kubernetes -printf '%p %m %u:%g %s\\n' | sort
            find /etc/kubernetes -type f -exec sha256sum {} + | sort
            """) + leftovers(on: host)
    }

    fileprivate static func rolledBackState() async throws -> [String] {
        var states: [String] = []
        for host in hosts { states.append(try await rolledBackState(of: host)) }
        return states
    }
}
