import Foundation
import Testing

/// What others wrote, garbled; `scripts/fuzz` is the long form.
@Suite(.serialized) struct MutatedInputTests {
    @Test(
        "garbled inputs => read, or refused with a message, without using up time or memory",
        arguments: GarbledReader.allCases)
    func mutated(reader: GarbledReader) async {
        // In a process of its own a crash or a hang ends no other test, and its memory is that of these inputs.
        await #expect(processExitsWith: .success) { [reader = reader as GarbledReader] in
            try MutationRun(reader: reader).perform()
        }
    }
}

/// Has one reader read garbled inputs, and expects of each what is expected of all.
private struct MutationRun {
    /// In seconds; no machine is so slow that one input needs this long.
    private static let hang: UInt32 = 300

    let reader: GarbledReader
    private let seed: UInt64
    private let count: Int
    /// Where the long form wants to find the input that is being read, and in the end what all of them took.
    private let record: String?

    init(reader: GarbledReader) {
        self.reader = reader
        let environment = ProcessInfo.processInfo.environment
        seed = environment["ATREST_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        count = environment["ATREST_FUZZ_CASES"].flatMap(Int.init) ?? 250
        record = environment["ATREST_FUZZ_RECORD"].map { "\($0)/\(reader.rawValue)" }
    }

    func perform() throws {
        // A hang ends this process.
        alarm(Self.hang)
        let seeds = try reader.seeds()
        #expect(try seeds.contains { try reader.refusal(of: $0) == nil })
        var mutator = Mutator(seed: seed, seeds: seeds)
        var refused = 0
        var slowest: (seconds: Double, number: Int) = (0, 0)
        for number in 0..<count {
            let input = mutator.next()
            if let record { try Data(input).write(to: URL(filePath: record)) }
            alarm(Self.hang)
            let began = Self.processorTime()
            let refusal = try reader.refusal(of: input)
            let took = Self.processorTime() - began
            if took > slowest.seconds { slowest = (took, number) }
            // A message begins with the name of the input that it is about.
            if let refusal {
                refused += 1
                let isMessage = reader.names.contains { refusal.hasPrefix($0 + ":") && refusal.count > $0.count + 2 }
                #expect(isMessage, "\(reader), seed \(seed), input \(number): \(refusal)")
            }
        }
        // The mutator neither breaks everything nor leaves everything whole.
        #expect(refused > count / 10 && refused < count)
        let peak = try #require(try Self.peakMemory())
        #expect(peak < 200 << 10, "\(peak) KiB")
        guard let record else { return }
        // Only the long form runs where nothing else does, and with optimisation.
        #expect(slowest.seconds < 1, "\(reader), seed \(seed), input \(slowest.number)")
        let summary =
            "\(reader.rawValue): \(count) inputs, \(refused) refused; the slowest took \(Int(slowest.seconds * 1000)) ms "
            + "(input \(slowest.number)); peak \(peak >> 10) MiB\n"
        try summary.write(toFile: record + ".summary", atomically: false, encoding: .utf8)
    }

    /// Of this thread, in seconds: another process that is busy costs none.
    private static func processorTime() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The largest this process ever was, in KiB.
    private static func peakMemory() throws -> Int? {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            .flatMap { $0.split(separator: " ").compactMap { Int($0) }.first }
    }
}
