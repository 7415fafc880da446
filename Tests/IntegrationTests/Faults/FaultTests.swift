import Testing

extension OnTheSandbox {
    @Test(
        "enable under a wrong clock, rotate killed => a plain run puts all right; nothing is lost, no read fails, the invariants hold"
    )
    func faults() async throws {
        var campaign = try await Campaign(seed: 187)
        for _ in 0..<2 {
            let record = try await campaign.step()
            #expect(record.findings.isEmpty, "operation \(record.number): \(record.findings)")
        }
        try await Sandbox.ensureUnencrypted()
        try await Sandbox.kms("remove")
    }

    @Test(
        "a whole campaign", .enabled(if: testEnvironment("ATREST_FAULTS_SEED") != nil, "scripts/faults asks for it"))
    func campaign() async throws {
        let seed = try #require(testEnvironment("ATREST_FAULTS_SEED").flatMap { UInt64($0) })
        let operations = try #require(testEnvironment("ATREST_FAULTS_OPERATIONS").flatMap { Int($0) })
        var campaign = try await Campaign(seed: seed, isResumed: testEnvironment("ATREST_FAULTS_RESUME") == "1")
        for _ in 0..<operations {
            let record = try await campaign.step()
            // Everything stays as it is, to be looked at.
            try #require(record.findings.isEmpty, "operation \(record.number): \(record.findings)")
        }
    }
}
