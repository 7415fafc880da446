import Testing

@testable import AtRestCommands

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct StopRequestTests {
    /// Long enough for any machine; whoever waits for it is ended by a signal.
    static func waitToBeStopped() async throws {
        try await Task.sleep(for: .seconds(120))
    }

    @Test("the first signal => what can be stopped is, and the signal is known", arguments: [SIGINT, SIGTERM])
    func first(number: Int32) async {
        await #expect(processExitsWith: .exitCode(7)) { [number = number as Int32] in
            let request = StopRequest()
            do {
                try await request.guarding {
                    kill(getpid(), number)
                    try await Self.waitToBeStopped()
                }
            } catch is CancellationError {
                exit(request.signal == number ? 7 : 8)
            }
        }
    }

    @Test("the first signal in the middle of a step => the step is finished")
    func step() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let request = StopRequest()
            let finished = try await request.guarding {
                let step = Task {
                    kill(getpid(), SIGINT)
                    while request.signal == nil { await Task.yield() }
                    return true
                }
                return await step.value
            }
            exit(finished ? 7 : 8)
        }
    }

    @Test("a second signal => the end at once, whatever is under way", arguments: [SIGINT, SIGTERM])
    func second(number: Int32) async {
        await #expect(processExitsWith: .exitCode(128 + number)) { [number = number as Int32] in
            let request = StopRequest()
            try await request.guarding {
                let step = Task {
                    kill(getpid(), SIGINT)
                    while request.signal == nil { await Task.yield() }
                    kill(getpid(), number)
                    while true { await Task.yield() }
                }
                await step.value
            }
        }
    }

    @Test("behind the run => a signal ends the process as it does any other", arguments: [SIGINT, SIGTERM])
    func behind(number: Int32) async {
        await #expect(processExitsWith: .signal(number)) { [number = number as Int32] in
            try await StopRequest().guarding {}
            kill(getpid(), number)
            try await Self.waitToBeStopped()
        }
    }
}
