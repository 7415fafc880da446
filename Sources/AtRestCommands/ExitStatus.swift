internal import ArgumentParser
internal import ControlPlane

/// The exit codes of design section 2; no other number leaves atrest.
enum ExitStatus: Int32, Error {
    case done = 0
    case failed = 1
    case changes = 2
    case guardMissing = 3
    case refused = 4
    case partial = 5
    case interrupted = 130
    case terminated = 143

    var exitCode: ExitCode { ExitCode(rawValue) }
}

/// How far a run had come when something went wrong.
enum Stage: Sendable, Equatable {
    /// Nothing was changed yet, and nothing was meant to be.
    case beforeChanges
    /// Hosts may be changed; `completed` counts the steps that hold.
    case changing(completed: Int)
}

extension ExitStatus {
    /// The one place that maps a failure to an exit code.
    init(for error: any Error, at stage: Stage, signal: Int32?) {
        // Before any change whatever fails behind a signal fails because of it.
        if let signal, error is CancellationError || stage == .beforeChanges {
            self = signal == terminationSignal ? .terminated : .interrupted
            return
        }
        switch stage {
        case .beforeChanges: self = .refused
        case .changing(let completed):
            let wasUndone = (error as? any LeavesNothingChanged) != nil
            self = completed == 0 && wasUndone ? .failed : .partial
        }
    }
}

private let terminationSignal: Int32 = 15
