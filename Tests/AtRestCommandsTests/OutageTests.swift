import ControlPlane
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct OutageTests {
    static let host = HostName("cp1")
    static let failing = [(host: host, checks: ["kube-apiserver does not run"])]

    @Test("a step was cut short and can be undone => what would be done first, and that the rest is planned later")
    func text() {
        #expect(
            Outage.text(clusterName: "k1", failing: Self.failing, host: Self.host) == """
                Cluster "k1": no API server serves.
                  cp1: kube-apiserver does not run

                First: undo the step of an earlier run that was cut short
                  ~ cp1  put back the files of before that step, from /var/lib/atrest/rollback; restart kube-apiserver

                What is left to do is planned once an API server serves.

                """)
    }

    @Test("no copy can be used => what to do by hand, and no host to put back")
    func byHand() {
        let found = NobodyServes(failing: Self.failing, waysBack: [(Self.host, .byHand("bring back \"/a\""))])
        #expect(found.restorable == nil)
        #expect(
            found.description == """
                no API server of this cluster is healthy:
                  cp1: kube-apiserver does not run
                To mend one, then run the same command again:
                  cp1: bring back "/a"
                """)
    }

    @Test("one host has no copy, the next one has => that one is put back")
    func second() {
        let found = NobodyServes(
            failing: Self.failing, waysBack: [(Self.host, .byHand("mend it")), (HostName("cp2"), .copy)])
        #expect(found.restorable == HostName("cp2"))
        #expect(found.description.contains("  cp2: apply --force-upgrade puts it back"))
    }
}
