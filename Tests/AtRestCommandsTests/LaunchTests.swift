import CCrypto
import Testing

@testable import AtRestCommands

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct LaunchTests {
    /// What runs at the end runs in the opposite order: libcrypto is used first, and asked last whether it still can be.
    @Test("the process ends while a thread is at work with libcrypto => nothing is freed under its hands")
    func libcryptoAtExit() async {
        await #expect(processExitsWith: .success) {
            atexit { if OPENSSL_init_crypto(0, nil) != 1 { _exit(9) } }
            atexit { if OPENSSL_init_crypto(UInt64(OPENSSL_INIT_LOAD_CRYPTO_STRINGS), nil) != 1 { _exit(8) } }
            await AtRest.launch(["--version"])
        }
    }
}
