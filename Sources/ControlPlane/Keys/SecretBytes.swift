internal import CCrypto

/// Bytes that must not be seen: redacted in every description, cleansed when the last owner lets go.
@safe
package final class SecretBytes: Sendable {
    // The buffer is written only in `init` and read-only until `deinit`.
    private nonisolated(unsafe) let buffer: UnsafeMutableRawBufferPointer

    package static let empty = SecretBytes([])

    package init(_ bytes: some Collection<UInt8>) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        unsafe buffer.copyBytes(from: bytes)
        unsafe self.buffer = buffer
    }

    /// Bytes that `fill` writes where they will stay, so that no copy of them is left anywhere.
    package init<Failure: Error>(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe self.buffer = buffer
        try unsafe fill(buffer)
    }

    /// The bytes of all parts, in order.
    package convenience init(joining parts: [SecretBytes]) {
        unsafe self.init(count: parts.reduce(0) { $0 + $1.count }) { buffer in
            var position = 0
            for part in parts {
                unsafe part.withBytes {
                    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[position...]).copyMemory(from: $0)
                }
                position += part.count
            }
        }
    }

    deinit {
        unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        unsafe buffer.deallocate()
    }

    package var count: Int { unsafe buffer.count }

    /// Lends the bytes for the length of the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(buffer))
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<\(count) secret bytes>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
