internal import CProcess
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A child process that lives for as long as its standard input is held open.
///
/// Should atrest be killed, the kernel closes that input: nothing is left behind, and nobody has to clean up.
final class HeldChild: Sendable {
    private let process: Task<Int32, any Error>
    private let input: AsyncStream<[UInt8]>.Continuation
    private let output: AsyncStream<[UInt8]>
    private let hasExited: Flag
    private let unread = Mutex<[UInt8]>([])

    /// Far more than start-up files and a line or two of ours; nobody reads what comes later, and it would be kept.
    private static let outputLimit = 256 << 10
    /// The longest file that ssh may write, which is its log: the directory that it stands in is memory on most machines.
    static let fileLimit = 16 << 20

    /// Starts ssh; its messages are appended to the log.
    ///
    /// One that prints more than any of ours is ended, and `exitStatus` throws `TooMuchOutput`.
    init(_ arguments: [String], input first: [UInt8] = [], log: String) throws {
        let (inputs, input) = AsyncStream<[UInt8]>.makeStream()
        let (output, outputs) = AsyncStream<[UInt8]>.makeStream()
        let hasExited = Flag()
        let log = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .append, .noFollow], permissions: [.ownerReadWrite])
        process = Task {
            defer {
                hasExited.raise()
                outputs.finish()
            }
            let result = try await Subprocess.run(
                .ssh(arguments), input: .inputWriter, output: .sequence,
                error: .fileDescriptor(log, closeAfterSpawningProcess: true)
            ) { execution in
                Self.limitFiles(of: execution.processIdentifier)
                return await withTaskGroup { group in
                    let writer = execution.standardInputWriter
                    group.addTask {
                        // A write fails where the child is gone, and that shows as the end of its output.
                        for await bytes in inputs where (try? await writer.write(bytes)) == nil { break }
                        try? await writer.finish()
                    }
                    var room = Self.outputLimit
                    do {
                        for try await buffer in execution.standardOutput {
                            room -= buffer.count
                            guard room >= 0 else { break }
                            outputs.yield(unsafe buffer.withUnsafeBytes { unsafe Array($0) })
                        }
                    } catch {
                        // What broke the output ended the child as well, or is followed by its teardown.
                    }
                    group.cancelAll()
                    if room < 0 { await execution.teardown(using: []) }
                    return room < 0
                }
            }
            if result.closureResult || result.terminationStatus == .signaled(SIGXFSZ) { throw TooMuchOutput() }
            return result.terminationStatus.sshStatus
        }
        self.input = input
        self.output = output
        self.hasExited = hasExited
        if !first.isEmpty { input.yield(first) }
    }

    /// A child that writes more to a file is ended by the kernel.
    private static func limitFiles(of process: ProcessIdentifier) {
        #if os(Linux)
            // It fails only where the child is gone already.
            _ = atrest_limit_files(process.value, rlim_t(fileLimit))
        #endif
    }

    var isRunning: Bool { !hasExited.isRaised }

    func write(_ bytes: [UInt8]) {
        input.yield(bytes)
    }

    /// The next whole line of the output; nil at its end.
    ///
    /// For one reader at a time.
    func line() async -> String? {
        var iterator = output.makeAsyncIterator()
        while true {
            let line = unread.withLock { unread -> [UInt8]? in
                guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
                defer { unread.removeSubrange(...end) }
                return Array(unread[..<end])
            }
            if let line { return String(decoding: line, as: UTF8.self) }
            guard let more = await iterator.next() else { return nil }
            unread.withLock { $0 += more }
        }
    }

    enum Beginning: Sendable {
        case begun
        /// The output ended without the marker; its last line often says why.
        case ended(lastLine: String)
    }

    /// Waits for a line that ends with the marker; nil where it does not come in time.
    ///
    /// A child that did not begin is ended, also where the run was asked to stop meanwhile.
    func begins(with marker: String, within limit: Duration) async throws -> Beginning? {
        do {
            let beginning = try await withTimeLimit(limit) { await self.beginning(by: marker) }
            try Task.checkCancellation()
            if beginning == nil { await kill() }
            return beginning
        } catch {
            await kill()
            throw error
        }
    }

    /// Reads up to the marker, past whatever a login shell's start-up files printed.
    private func beginning(by marker: String) async -> Beginning {
        var last = ""
        while let line = await line() {
            if line.hasSuffix(marker) { return .begun }
            last = line
        }
        return .ended(lastLine: last)
    }

    /// Waits until the process is gone and returns its exit status; where it could not be started, throws why.
    func exitStatus() async throws -> Int32 {
        try await process.value
    }

    /// Closes the child's input, waits for it to end, and makes it end after the time allowed.
    func end(allowing time: Duration) async {
        input.finish()
        let limit = Task { [process] in
            try await Task.sleep(for: time)
            process.cancel()
        }
        _ = await process.result
        limit.cancel()
    }

    /// Ends the child now, with SIGTERM and then SIGKILL.
    func kill() async {
        process.cancel()
        _ = await process.result
    }
}

/// Goes up once.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }

    func raise() {
        state.withLock { $0 = true }
    }
}
