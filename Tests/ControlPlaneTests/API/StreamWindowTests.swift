import Testing

@testable import ControlPlane

@Suite struct StreamWindowTests {
    @Test("answers at an even pace => the window stays whole")
    func steady() {
        var window = StreamWindow(most: 100)
        for _ in 0..<1000 { window.answered(after: .milliseconds(900)) }
        #expect(window.limit == 100)
    }

    @Test("a refusal => half, once for all requests that were under way; then it grows back")
    func refused() {
        var window = StreamWindow(most: 100)
        for _ in 0..<100 { window.refused() }
        #expect(window.limit == 50)
        for _ in 0..<50 { window.answered(after: .milliseconds(10)) }
        #expect(window.limit == 55)
        for _ in 0..<2000 { window.answered(after: .milliseconds(10)) }
        #expect(window.limit == 100)
    }

    @Test("latency that doubles => half")
    func slower() {
        var window = StreamWindow(most: 100)
        for _ in 0..<100 { window.answered(after: .milliseconds(400)) }
        for _ in 0..<100 { window.answered(after: .milliseconds(900)) }
        #expect(window.limit == 50)
    }

    @Test("latency that doubles and is short all the same => no sign of pressure")
    func short() {
        var window = StreamWindow(most: 100)
        for _ in 0..<100 { window.answered(after: .milliseconds(20)) }
        for _ in 0..<1000 { window.answered(after: .milliseconds(200)) }
        #expect(window.limit == 100)
    }

    @Test("refusals without end => one at a time at least")
    func floor() {
        var window = StreamWindow(most: 100)
        for _ in 0..<10_000 { window.refused() }
        #expect(window.limit == 1)
    }
}
