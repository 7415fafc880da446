internal import CCrypto
internal import Subprocess

/// A child printed more than anything of ours does.
struct TooMuchOutput: Error {}

extension SecretBytes {
    /// Everything that a child prints; each buffer that it arrived in is cleansed.
    ///
    /// - Throws: `TooMuchOutput`, or what the pipe says.
    convenience init(collecting output: SubprocessOutputSequence, limit: Int) async throws {
        var parts: [SecretBytes] = []
        var count = 0
        for try await buffer in output {
            unsafe buffer.withUnsafeBytes { bytes in
                unsafe parts.append(SecretBytes(bytes))
                // The buffer's memory is ours alone, and nobody reads it again before it is freed.
                unsafe OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
            }
            count += buffer.count
            guard count <= limit else { throw TooMuchOutput() }
        }
        self.init(joining: parts)
    }
}

extension StandardInputWriter {
    /// Writes the bytes from where they are and closes the child's input.
    ///
    /// Where the other side is gone before it has read everything, its exit status says why.
    func finish(with input: SecretBytes) async {
        let span = unsafe RawSpan(_unsafeBytes: input.withBytes { unsafe $0 })
        _ = try? await write(span)
        withExtendedLifetime(input) {}
        try? await finish()
    }
}
