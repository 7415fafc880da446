internal import CProcess

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Keeps what is in this process' memory, keys above all, from ending up in a file or in another process.
package enum MemoryProtection {
    /// Forbids core dumps, and that other processes of the same user look into the memory; root still can.
    ///
    /// To be called before anything is read. Children inherit the limit; whether they can be looked into is theirs to say.
    package static func apply() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        #if os(Linux)
            let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        #else
            let resource = RLIMIT_CORE
        #endif
        // Neither can fail: a limit may always be lowered, and 0 is a value that the kernel knows.
        _ = unsafe setrlimit(resource, &none)
        #if os(Linux)
            // A core that is piped into a program (core_pattern "|…") minds no limit, but it does mind this.
            _ = atrest_forbid_dumps()
        #endif
    }
}
