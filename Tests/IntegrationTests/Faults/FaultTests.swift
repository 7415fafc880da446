import Testing

extension OnTheSandbox {
    @Test("a rotation is killed, a repair follows => a plain run puts all right; nothing is lost, no read fails")
    func faults() async throws {
        var campaign = try await Campaign(seed: 13518, beginsEncrypted: true)
        for (operation, faults) in [(Operation.rotate, [Fault.killedRun]), (.repair, [])] {
            let record = try await campaign.step()
            #expect(record.findings.isEmpty, "operation \(record.number): \(record.findings)")
            #expect(record.operation == operation && Set(record.struck).isSuperset(of: faults), "\(record)")
        }
        // As other tests expect to find it: this seed rotates to aescbc.
        _ = try await Sandbox.onlyKey()
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
