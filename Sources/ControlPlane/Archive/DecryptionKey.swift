internal import CCrypto

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A recipient's private key, which opens what was archived for it.
@safe
package final class DecryptionKey: Sendable {
    // libcrypto counts its users and changes nothing in it.
    nonisolated(unsafe) let pointer: OpaquePointer

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
        let isEncrypted = unsafe pem.withBytes { unsafe Self.hasPassphrase($0) }
        // Without a terminal libcrypto would take whatever comes on standard input for the passphrase.
        guard !isEncrypted || Self.hasTerminal else {
            throw UnusableDecryptionKey(
                file: file,
                problem: """
                    has a passphrase, and there is no terminal to ask for it on. In bash, <(openssl pkey -in KEY.pem -passin …) \
                    in place of the file gives the key without one and leaves nothing on the disk
                    """)
        }
        defer { ERR_clear_error() }
        let key = unsafe pem.withBytes { bytes -> OpaquePointer? in
            let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { unsafe BIO_free_all(input) }
            return unsafe PEM_read_bio_PrivateKey(input, nil, nil, nil)
        }
        guard let key = unsafe key else {
            throw UnusableDecryptionKey(
                file: file,
                problem: isEncrypted ? "was not opened: its passphrase is another one" : "holds no private key in PEM")
        }
        unsafe pointer = key
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// `BEGIN ENCRYPTED PRIVATE KEY`, or in older files `Proc-Type: 4,ENCRYPTED`.
    private static func hasPassphrase(_ pem: UnsafeRawBufferPointer) -> Bool {
        let word = Array("ENCRYPTED".utf8)
        return pem.indices.contains { unsafe pem[$0...].starts(with: word) }
    }

    private static var hasTerminal: Bool {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return false }
        close(terminal)
        return true
    }
}

/// A private key that cannot be used.
package struct UnusableDecryptionKey: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let problem: String

    package var description: String { "the private key \"\(file)\" \(problem)" }
}
