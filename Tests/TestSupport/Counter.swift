import Synchronization

/// Counts what several tasks do.
package final class Counter: Sendable {
    private let value = Mutex(0)

    package init() {}

    /// How often it was asked for a number.
    package var count: Int { value.withLock(\.self) }

    /// Counts one more; the first is 1.
    package func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
