#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension Surroundings {
    /// Those of this process.
    package static var current: Surroundings {
        let home = unsafe getenv("HOME").map { unsafe String(cString: $0) }
        guard let directory = unsafe getcwd(nil, 0) else {
            // The working directory was removed: a relative path then finds nothing, and the message shows it.
            return Surroundings(home: home, workingDirectory: "/")
        }
        defer { unsafe free(directory) }
        return unsafe Surroundings(home: home, workingDirectory: String(cString: directory))
    }
}
