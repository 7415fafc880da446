import Synchronization
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A fresh directory of our own, mode 0700, for what ssh needs as files: configuration, sockets, logs; never a key.
struct PrivateDirectory: Sendable {
    let path: String

    /// Every one that was made and not yet removed.
    private static let open = Mutex<Set<String>>([])

    /// The longest path under which a control socket with ssh's temporary suffix still fits a Unix socket's 107 bytes.
    private static let longestPath = 75

    init() throws(PrivateDirectoryError) {
        let parent = Self.runtimeDirectory() ?? "/tmp"
        var template = Array("\(parent)/atrest-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
        }
        guard made else { throw PrivateDirectoryError(path: parent, errno: Errno(rawValue: errno)) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Self.open.withLock { [path] in _ = $0.insert(path) }
    }

    func write(_ text: String, to name: String) throws(PrivateDirectoryError) {
        let file = "\(path)/\(name)"
        do {
            let descriptor = try FileDescriptor.open(
                FilePath(file), .writeOnly, options: [.create, .exclusiveCreate, .noFollow],
                permissions: [.ownerReadWrite])
            try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
        } catch {
            throw PrivateDirectoryError(path: file, errno: error as? Errno ?? .ioError)
        }
    }

    /// Removes every one that is left, for a process that is about to end.
    static func removeAll() {
        for path in open.withLock(\.self) { remove(path) }
    }

    func remove() {
        Self.open.withLock { _ = $0.remove(path) }
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        if let entries = unsafe opendir(path) {
            while let entry = unsafe readdir(entries) {
                let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unsafe unlink("\(path)/\(name)")
            }
            unsafe closedir(entries)
        }
        unsafe rmdir(path)
    }

    /// `$XDG_RUNTIME_DIR` where it is what it should be: ours alone, and short.
    private static func runtimeDirectory() -> String? {
        guard let value = unsafe getenv("XDG_RUNTIME_DIR") else { return nil }
        let path = unsafe String(cString: value)
        var status = stat()
        guard path.hasPrefix("/"), path.utf8.count + "/atrest-XXXXXX".utf8.count <= longestPath,
            path.utf8.allSatisfy({ ($0 > 0x20 && $0 < 0x7F) && !"\"'\\%$`:".utf8.contains($0) }),
            unsafe lstat(path, &status) == 0,
            status.st_mode & (S_IFMT | 0o077) == S_IFDIR, status.st_uid == geteuid()
        else { return nil }
        return path
    }
}

/// The directory for ssh's files, or a file in it, could not be made.
package struct PrivateDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let errno: Errno

    package var description: String {
        "\"\(path)\" cannot be written: \(errno); atrest keeps the configuration of its ssh connections there"
    }
}
