import Synchronization
import Testing

extension OnTheSandbox {
    @Test("SIGKILL between any two steps and within one, then the same command => converged, one key, nothing lost")
    func killedAnywhere() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureUnencrypted()
        let arguments = ["apply", "--force-upgrade", "-y"] + AtRest.inputs()

        let (_, load) = try await LoadReport.beside {
            // Every run is killed right behind its first step, so each boundary of the plan is met once.
            for boundary in 1...12 {
                let run = try await AtRest().watched(arguments) { $0.contains(Moment.end) ? .kill : .goOn }
                guard run.lines.contains(where: { $0.contains(Moment.end) }) else {
                    #expect(run.status == 0, "\(run.lines)")
                    break
                }
                #expect(run.status == 128 + 9)
                if boundary.isMultiple(of: 3) {
                    _ = try await AtRest().watched(arguments) { $0.hasPrefix("[1/") ? .kill : .goOn }
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
        let second = Mutex<Finished?>(nil)
        let first = try await AtRest().watched(arguments) { line in
            if line.hasPrefix("[1/"), second.withLock({ $0 == nil }) {
                let run = try await AtRest()(arguments)
                second.withLock { $0 = run }
            }
            return .goOn
        }
        #expect(first.status == 0)
        let found = second.withLock { $0 }
        let refused = try #require(found)
        #expect(refused.status == 4)
        #expect(refused.errors.contains("lock"), "\(refused.errors)")
    }
}
