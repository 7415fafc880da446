import Synchronization
import Testing

extension OnTheSandbox {
    @Test(
        "interrupted, once and twice, cut off and frozen in one rotation => each resumes, one new key, no request fails"
    )
    func interrupted() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let key = try await Sandbox.onlyKey()
        let secrets = try await Sandbox.secretsDigest()
        let rotation = Interruptions(
            arguments: AtRest.applying() + ["--rotate-encryption-key"])

        let (_, load) = try await LoadReport.beside {
            try await rotation.once()
            let begun = Set(try await Sandbox.keys().map(\.name)).subtracting([key.name])
            try await rotation.expectShown()
            try await rotation.twice()
            try await rotation.cutOff()
            try await rotation.frozen()
            #expect(begun == [try await Sandbox.onlyKey().name])
        }
        #expect(try await Sandbox.secretsDigest() == secrets)
        try await load.expectNothingLost()
    }

    @Test("a second run while one is under way => refused, who holds the lock is named, the first goes on")
    func secondRun() async throws {
        try await Sandbox.ensureEncrypted()
        let disabling = AtRest.applying(manifest: try await Sandbox.manifest(enabling: false))
        let second = Mutex<Finished?>(nil)
        let first = try await AtRest().watched(AtRest.applying() + ["--purge-history"]) { line in
            if line.hasPrefix("[1/"), second.withLock({ $0 == nil }) {
                let run = try await AtRest()(disabling)
                second.withLock { $0 = run }
            }
            return .goOn
        }
        #expect(first.status == 0, "\(first.lines)")
        let found = second.withLock { $0 }
        let refused = try #require(found)
        #expect(refused.status == 4)
        #expect(refused.errors.contains("lock"), "\(refused.errors)")
    }
}

/// Runs of one command, each disturbed in the middle of its first host's step.
private struct Interruptions {
    let arguments: [String]

    func once() async throws {
        let run = try await disturbed { _ in .interrupt }
        #expect(run.status == 130, "\(run.lines)")
        #expect(
            run.lines.count { $0.contains(Moment.end) } == 1, "the step is finished, and no other begun: \(run.lines)")
        #expect(run.lines.last?.contains("run the same command again") == true, "\(run.lines)")
    }

    /// One host can read the new key, and everybody writes with the old one.
    func expectShown() async throws {
        let shown = try await Shown.now()
        #expect(shown.plan.status == 2, "\(shown.plan)")
        #expect(shown.plan.text.contains("\nInterrupted rotation found: finishing it.\n"), "\(shown.plan)")
        #expect(shown.plan.json?.interruption == "rotation", "\(shown.plan)")
        #expect(shown.status.status == 1 && shown.status.text.contains("a rotation is not finished"), "\(shown.status)")
        #expect(shown.status.json?.interruption == "rotation", "\(shown.status)")
        #expect(shown.proof.status == 0 && shown.proof.json?.verdict == "proved", "\(shown.proof)")
    }

    func twice() async throws {
        let run = try await disturbed(
            { _ in .interrupt }, then: { line in line.contains("once more stops at once") ? .interrupt : .goOn })
        #expect(run.status == 130, "\(run.lines)")
        #expect(!run.lines.contains { $0.contains(Moment.end) }, "\(run.lines)")
    }

    func cutOff() async throws {
        let run = try await disturbed { host in
            try await Sandbox.cutOff(host)
            return .goOn
        }
        #expect(run.status == 5, "\(run.lines)")
        #expect(run.lines.last?.contains("run the same command again") == true, "\(run.lines)")
    }

    /// Another run takes over; the one that wakes up changes nothing.
    func frozen() async throws {
        let after = Mutex<[String]>([])
        let run = try await disturbed { _ in
            .freeze {
                for host in Sandbox.hosts {
                    _ = try await Sandbox.onHost(
                        host, "until flock --nonblock /var/lib/atrest/lock true; do sleep 0.1; done")
                }
                let second = try await AtRest()(arguments)
                #expect(second.status == 0, "\(second.errors)")
                try await Sandbox.settle()
                let state = try await Sandbox.controlPlanes(of: Sandbox.hosts)
                after.withLock { $0 = state }
            }
        }
        #expect(run.status == 5, "\(run.lines)")
        #expect(run.lines.contains { $0.contains("lock") }, "\(run.lines)")
        #expect(try await Sandbox.controlPlanes(of: Sandbox.hosts) == after.withLock { $0 })
    }

    /// A run that is disturbed once, while the API server of the first host that it changes restarts.
    private func disturbed(
        _ disturb: @escaping @Sendable (_ host: String) async throws -> AtRest.Reaction,
        then react: @escaping @Sendable (String) async throws -> AtRest.Reaction = { _ in .goOn }
    ) async throws -> AtRest.Watched {
        let isDone = Mutex(false)
        let run = try await AtRest().watched(arguments) { line in
            guard !isDone.withLock(\.self) else { return try await react(line) }
            let words = line.split(separator: " ")
            guard words.count > 2, words[0].hasPrefix("["), words[1].hasPrefix("cp"), !line.contains(Moment.end) else {
                return .goOn
            }
            isDone.withLock { $0 = true }
            let host = String(words[1].dropLast())
            try await Sandbox.waitForRestart(on: host)
            return try await disturb(host)
        }
        let wasDisturbed = isDone.withLock(\.self)
        #expect(wasDisturbed, "no host was changed: \(run.lines)")
        return run
    }
}
