internal import Reconciliation

/// A half-open range of etcd's keys: `start` is in it, `end` is not.
package struct KeyRange: Hashable, Sendable {
    package let start: [UInt8]
    package let end: [UInt8]

    package init(from start: [UInt8], to end: [UInt8]) {
        self.start = start
        self.end = end
    }

    /// All keys below a directory: a path that ends in a slash, and everything that begins with it.
    package init(directory: String) {
        start = Array(directory.utf8)
        end = start.dropLast() + [UInt8(ascii: "/") + 1]
    }

    /// One key alone.
    package init(only key: [UInt8]) {
        start = key
        end = key.successor
    }
}

extension KeyRange {
    func contains(_ key: [UInt8]) -> Bool {
        !key.lexicographicallyPrecedes(start) && key.lexicographicallyPrecedes(end)
    }
}

extension KeyRange: CustomStringConvertible {
    package var description: String { String(decoding: start, as: UTF8.self).printable(limit: 300) }
}

extension [UInt8] {
    /// The very next byte string in etcd's order: nothing lies between.
    var successor: [UInt8] { self + [0] }
}
