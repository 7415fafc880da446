import Testing

extension OnTheSandbox {
    @Test("SIGKILL between any two steps and within one, then the same command => converged, one key, nothing lost")
    func killedAnywhere() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let arguments = ["apply", "--force-upgrade", "-y"] + AtRest.inputs()

        let (_, load) = try await LoadReport.beside {
            // Every run is killed right behind its first step, so each boundary of the plan is met once.
            for boundary in 1...8 {
                let seen = try await AtRest().killed(arguments) { $0.contains(": done in") }
                guard seen.contains(": done in") else { break }
                if boundary.isMultiple(of: 3) {
                    _ = try await AtRest().killed(arguments) { $0.hasPrefix("[1/") }
                }
            }
            let last = try await AtRest()(arguments)
            #expect(last.status == 0, "\(last.errors)")
        }
        #expect(load.httpErrors.isEmpty, "\(load.httpErrors.prefix(5))")
        let keys = try await Sandbox.keys()
        #expect(Set(keys.map(\.name)).count == 1)
        #expect(Set(keys.map(\.secret)).count == 1)
        let forms = try await Sandbox.storedForms()
        #expect(forms.keys.sorted() == ["k8s:enc:aescbc:v1:\(keys[0].name):"], "\(forms)")
        for host in Sandbox.hosts {
            let left = try await Sandbox.onHost(host, "find /etc/kubernetes -name '*atrest*' -o -name '.*tmp*'")
            #expect(left.isEmpty)
        }
    }

    @Test("a second run while one is under way => refused, who holds the lock is named")
    func secondRun() async throws {
        try await Sandbox.ensureUnencrypted()
        let arguments = ["apply", "--force-upgrade", "-y"] + AtRest.inputs()
        async let first = AtRest()(arguments)
        var second = try await AtRest()(arguments)
        for _ in 0..<50 where second.status == 0 { second = try await AtRest()(arguments) }
        #expect(second.status == 4, "\(second.errors)")
        #expect(second.errors.contains("lock"))
        #expect(try await first.status == 0)
    }
}
