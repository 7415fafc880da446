internal import CCrypto

/// libcrypto as a whole.
package enum CryptoLibrary {
    /// Has libcrypto leave its memory as it is when the process ends; to be called before anything else of it is used.
    ///
    /// By itself it frees everything in an `atexit` handler, under the hands of threads that are still on their way out,
    /// as a connection's may be behind the command's last word. (OPENSSL_init_crypto(3); openssl's issues 6214 and 17469.)
    package static func leaveMemoryAtExit() throws(CryptoError) {
        guard OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1 else {
            throw .draining("starting the library")
        }
    }
}
