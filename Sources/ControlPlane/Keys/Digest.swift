internal import CCrypto
package import Reconciliation

/// The SHA-256 of some bytes, in lower-case hex.
package func sha256Hex(_ bytes: some Collection<UInt8>) throws(CryptoError) -> String {
    try SecretBytes(bytes).sha256Hex()
}

extension SecretBytes {
    /// The SHA-256 of the bytes, in lower-case hex.
    package func sha256Hex() throws(CryptoError) -> String {
        var digest: [UInt8] = Array(repeating: 0, count: 32)
        let status = unsafe withBytes { bytes in
            unsafe digest.withUnsafeMutableBufferPointer { output in
                unsafe EVP_Digest(bytes.baseAddress, bytes.count, output.baseAddress, nil, EVP_sha256(), nil)
            }
        }
        guard status == 1 else { throw .draining("computing a SHA-256") }
        return String(decoding: digest.flatMap { [hexDigit($0 >> 4), hexDigit($0 & 0xF)] }, as: UTF8.self)
    }

    /// What tells this secret from another one.
    package func fingerprint() throws(CryptoError) -> Fingerprint {
        Fingerprint(String(try sha256Hex().prefix(16)))
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
