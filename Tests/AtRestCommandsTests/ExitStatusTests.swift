import ControlPlane
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct ExitStatusTests {
    struct Broken: Error {}

    static let rolledBack = RolledBack(host: HostName("cp1"), cause: "it did not come back")

    @Test("a failure before any change => refused")
    func refused() {
        #expect(ExitStatus(for: Broken(), at: .beforeChanges, signal: nil) == .refused)
    }

    @Test("the only changed host rolled back => failed; a later one => part-way")
    func rollback() {
        #expect(ExitStatus(for: Self.rolledBack, at: .changing(completed: 0), signal: nil) == .failed)
        #expect(ExitStatus(for: Self.rolledBack, at: .changing(completed: 1), signal: nil) == .partial)
        #expect(ExitStatus(for: Broken(), at: .changing(completed: 0), signal: nil) == .partial)
    }

    @Test("a first step that wrote nothing => failed; a later one => part-way")
    func notBegun() {
        let error = StepNotBegun(host: HostName("cp1"), cause: Broken())
        #expect(ExitStatus(for: error, at: .changing(completed: 0), signal: nil) == .failed)
        #expect(ExitStatus(for: error, at: .changing(completed: 1), signal: nil) == .partial)
    }

    @Test("a signal and another failure => 130 before any change, else what the failure is")
    func signalAndFailure() {
        #expect(ExitStatus(for: Broken(), at: .beforeChanges, signal: 2) == .interrupted)
        #expect(ExitStatus(for: Self.rolledBack, at: .changing(completed: 0), signal: 2) == .failed)
    }

    @Test("a signal => 130 or 143", arguments: [(Int32(2), Int32(130)), (15, 143)])
    func signals(signal: Int32, code: Int32) {
        #expect(
            ExitStatus(for: CancellationError(), at: .changing(completed: 2), signal: signal).rawValue == code)
    }
}
