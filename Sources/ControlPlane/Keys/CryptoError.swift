internal import CCrypto

/// A call to libcrypto that failed.
package struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done: `making a random key`.
    package let operation: String
    /// libcrypto's own words, oldest first.
    package let reasons: [String]

    /// Takes everything out of this thread's error queue, so that nothing is left for the next failure.
    static func draining(_ operation: String) -> CryptoError {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            let reason = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                unsafe ERR_error_string_n(code, buffer.baseAddress, buffer.count)
                return unsafe buffer.baseAddress.map { unsafe String(cString: $0) } ?? "error \(code)"
            }
            reasons.append(reason)
        }
        return CryptoError(operation: operation, reasons: reasons)
    }

    package var description: String {
        let reason = reasons.isEmpty ? "no reason given" : reasons.joined(separator: "; ")
        return "\(operation) failed in libcrypto (\(reason)); check this machine's OpenSSL installation"
    }
}
