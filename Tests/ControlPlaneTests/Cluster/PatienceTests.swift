import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct PatienceTests {
    static let start = ContinuousClock.now
    static let silent = Patience.Finding(host: HostName("cp1"), checks: [])
    static let unsynced = Patience.Finding(host: HostName("cp1"), checks: ["informer-sync"])
    static let second = Patience.Finding(host: HostName("cp2"), checks: [])

    /// Whether a run with 45 s of patience waits on at each of these looks: seconds since its start, and what it finds.
    static func waits(at looks: [(seconds: Int, findings: [Patience.Finding])]) -> [Bool] {
        var patience = Patience(length: .seconds(45))
        return looks.map { patience.lasts(for: $0.findings, at: start + .seconds($0.seconds)) }
    }

    @Test("one finding at every look => waited for once")
    func once() {
        #expect(
            Self.waits(at: [0, 44, 45, 300].map { ($0, [Self.silent]) }) == [true, true, false, false])
    }

    @Test("another finding, or the same on another host => its own time")
    func other() {
        #expect(
            Self.waits(at: [
                (0, [Self.silent]), (50, [Self.unsynced]), (100, [Self.silent, Self.second]),
                (145, [Self.silent, Self.second]),
            ]) == [true, true, true, false])
    }

    @Test("a host that was well in between => waited for anew")
    func renewed() {
        #expect(Self.waits(at: [(0, [Self.silent]), (60, []), (70, [Self.silent])]) == [true, false, true])
    }
}
