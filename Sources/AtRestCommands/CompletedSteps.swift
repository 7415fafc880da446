internal import Synchronization

/// Counts the steps that hold, so that a failure can say how far the run had come.
final class CompletedSteps: Sendable {
    private let count = Mutex<Int?>(nil)

    /// From here on hosts may be changed.
    func begin() {
        count.withLock { $0 = $0 ?? 0 }
    }

    func add() {
        count.withLock { $0 = ($0 ?? 0) + 1 }
    }

    var stage: Stage {
        count.withLock(\.self).map { .changing(completed: $0) } ?? .beforeChanges
    }
}
