/// A part of some secret bytes; copies nothing, and keeps the whole alive.
package struct SecretSlice: RandomAccessCollection, Sendable {
    private let whole: SecretBytes
    package let startIndex: Int
    package let endIndex: Int

    package init(_ whole: SecretBytes) {
        self.init(of: whole, 0..<whole.count)
    }

    private init(of whole: SecretBytes, _ range: Range<Int>) {
        self.whole = whole
        startIndex = range.lowerBound
        endIndex = range.upperBound
    }

    package subscript(position: Int) -> UInt8 {
        precondition((startIndex..<endIndex).contains(position))
        return unsafe whole.withBytes { unsafe $0[position] }
    }

    package subscript(bounds: Range<Int>) -> SecretSlice {
        precondition(startIndex <= bounds.lowerBound && bounds.upperBound <= endIndex)
        return SecretSlice(of: whole, bounds)
    }

    /// Lends the bytes where they are: without it, the standard library would copy them into an array first.
    package func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        try unsafe whole.withBytes { bytes in
            try unsafe UnsafeRawBufferPointer(rebasing: bytes[startIndex..<endIndex]).withMemoryRebound(
                to: UInt8.self, body)
        }
    }
}

extension SecretSlice: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<\(count) secret bytes>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
