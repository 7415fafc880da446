import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Connects to a Unix socket and reads to its end.
func readAll(_ path: String) async throws -> String {
    try await Task.detached {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        try #require(isConnected)
        var text: [UInt8] = []
        try FileDescriptor(rawValue: descriptor).closeAfter {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = try unsafe buffer.withUnsafeMutableBytes {
                    try unsafe FileDescriptor(rawValue: descriptor).read(into: $0)
                }
                if count == 0 { return }
                text += buffer[..<count]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }.value
}
