import FoundationEssentials
import Testing

extension OnTheSandbox {
    @Test("--purge-history under load => no plain value in any member's database file; no request fails")
    func historyPurged() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        if try await Sandbox.plainValuesInDatabases() == [0, 0, 0] {
            // Nothing of this cluster was plain text since its last purge.
            try await Sandbox.ensureUnencrypted()
            try await Sandbox.ensureEncrypted()
        }
        let secrets = try await Sandbox.secretsDigest()
        #expect(try await Sandbox.plainValuesInDatabases() != [0, 0, 0])

        let unguarded = try await AtRest()(["apply", "--purge-history", "-y"] + AtRest.inputs())
        #expect(unguarded.status == 3, "\(unguarded)")
        let (run, load) = try await LoadReport.beside {
            let run = try await AtRest()(AtRest.applying() + ["--purge-history"])
            // The load goes on for as long as the API servers may still be behind.
            try await Sandbox.settle()
            return run
        }
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("\nHistory purged: cp1 "), "\(run.output)")
        #expect(run.output.contains("The write-ahead logs still hold what was written before: cp1 "), "\(run.output)")
        #expect(try await Sandbox.plainValuesInDatabases() == [0, 0, 0])
        #expect(try await Sandbox.secretsDigest() == secrets)
        #expect(load.httpErrors.isEmpty, "\(load.httpErrors.prefix(5))")
        let verified = try await AtRest()(["verify"] + AtRest.inputs())
        #expect(verified.status == 0 && verified.output.contains("\nOld revisions are kept from "), "\(verified)")
    }
}

extension Sandbox {
    /// How many of the seeded values stand in each member's database file, byte by byte.
    fileprivate static func plainValuesInDatabases() async throws -> [Int] {
        var counts: [Int] = []
        for host in hosts {
            let count = try await onHost(
                host, "grep -ao 'seeded-[0-9][0-9]*' /var/lib/etcd/member/snap/db | sort -u | wc -l")
            counts.append(try #require(Int(count.filter(\.isNumber))))
        }
        return counts
    }
}
