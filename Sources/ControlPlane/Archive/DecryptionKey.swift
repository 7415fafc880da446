internal import CCrypto

/// A recipient's private key, which opens what was archived for it.
@safe
package struct DecryptionKey: ~Copyable {
    let pointer: OpaquePointer

    /// Reads a private key in PEM; where it has a passphrase, libcrypto asks for it on the terminal.
    ///
    /// - Throws: `UnusableDecryptionKey`.
    package init(contentsOf file: String) throws(UnusableDecryptionKey) {
        let pem: SecretBytes
        do {
            pem = try SecretBytes.contents(of: file)
        } catch {
            throw UnusableDecryptionKey(file: file, problem: "cannot be read: \("\(error)".lowercased())")
        }
        defer { ERR_clear_error() }
        let key = unsafe pem.withBytes { bytes -> OpaquePointer? in
            let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { unsafe BIO_free_all(input) }
            return unsafe PEM_read_bio_PrivateKey(input, nil, nil, nil)
        }
        guard let key = unsafe key else {
            throw UnusableDecryptionKey(file: file, problem: "holds no private key in PEM, or its passphrase is wrong")
        }
        unsafe pointer = key
    }

    deinit { unsafe EVP_PKEY_free(pointer) }
}

/// A private key that cannot be used.
package struct UnusableDecryptionKey: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let problem: String

    package var description: String { "the private key \"\(file)\" \(problem)" }
}
