import Reconciliation
import Synchronization
import Testing

@Suite struct DriverTests {
    /// Three hosts without encryption, whatever is done to them.
    static let unmoved = DecideTests.cluster(
        ["cp1", "cp2", "cp3"].map { DecideTests.host($0) }, stored: .identity)

    @Test("a host that says that it wrote, and did not => tried four times, then it is named; no other host is touched")
    func writeThatDidNotTakePlace() async throws {
        let made = Mutex<[Step]>([])
        let driver = Driver(
            observe: { Self.unmoved }, perform: { step in made.withLock { $0.append(step) } }, report: { _ in })
        let failure = await #expect(throws: StepHadNoEffect.self) {
            try await driver.run(.managed(rotate: false), from: Self.unmoved, freshKey: DecideTests.fresh)
        }
        #expect(
            "\(try #require(failure))"
                == "cp1 was changed, and still is not what it must be: something else changes it back")
        let steps = made.withLock { $0 }
        #expect(steps.count == 4)
        #expect(Set(steps).count == 1)
    }
}
