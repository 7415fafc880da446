import Reconciliation
import Testing

@Suite struct UnreadableTests {
    @Test("the key of what is stored is not in force on some hosts => these cannot read it")
    func hostsThatCannotRead() {
        let (old, new) = (DecideTests.january, DecideTests.february)
        var observed = InterruptionTests.cluster([[new, .identity], [new, old], []], stored: [old, new])
        #expect(observed.hostsThatCannotRead == [HostName("cp1"), HostName("cp3")])
        observed.stored[.secrets] = StoredObjects(count: 1, forms: [.plaintext])
        #expect(observed.hostsThatCannotRead == [HostName("cp2")])
    }

    @Test("nobody knows what a host has loaded, or nothing is stored => nothing is said of it")
    func unknown() {
        let (old, new) = (DecideTests.january, DecideTests.february)
        var observed = InterruptionTests.cluster([[new], [new], [new]], stored: [old])
        observed.hosts[0].loaded = .unknown
        observed.hosts[1].loaded = .notRunning
        #expect(observed.hostsThatCannotRead == [HostName("cp3")])
        observed.stored[.secrets] = StoredObjects(count: 0, forms: [])
        #expect(observed.hostsThatCannotRead.isEmpty)
    }
}
