import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct FreshKeyTests {
    @Test("another run made a newer key => ours is made anew, behind it; else it stays")
    func renewed() async throws {
        try await LoopbackSSHD.running { sshd in
            let session = try await ClusterSession.open(
                Inventory(clusterName: "test", hosts: [sshd.host()]), logger: SSHSessionTests.quiet)
            let ours = try await session.makeFreshKey(provider: .secretbox, now: 1000)
            #expect(try await session.renewed(ours, now: 2000) == ours)
            let theirs = try await session.makeFreshKey(provider: .aescbc, now: 1500)
            // A clock that is behind must not matter.
            let renewed = try await session.renewed(ours, now: 500)
            #expect(renewed.name > theirs.name)
            guard case .local(.secretbox, _, _) = renewed else {
                Issue.record("\(renewed) is of another provider than was asked for")
                return
            }
            #expect(try await session.renewed(renewed, now: 3000) == renewed)
            await session.close()
        }
    }
}
