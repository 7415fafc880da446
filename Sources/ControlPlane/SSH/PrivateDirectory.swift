import Synchronization
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A fresh directory of our own, mode 0700, for what ssh needs as files: configuration, sockets, logs; never a key.
///
/// It is locked for as long as this process lives. One that is not was left by a run that was killed, and the next run removes it.
struct PrivateDirectory: Sendable {
    let path: String

    /// Every one that was made and not yet removed, with what holds its lock.
    private static let open = Mutex<[String: FileDescriptor?]>([:])

    private static let prefix = "atrest-ssh-"
    private static let template = "\(prefix)XXXXXX"

    /// The longest path under which a control socket with ssh's temporary suffix still fits a Unix socket's 107 bytes.
    private static let longestPath = 75

    init() throws(PrivateDirectoryError) {
        let parent = Self.runtimeDirectory() ?? "/tmp"
        Self.removeAbandoned(in: parent)
        while true {
            let path = try Self.make(in: parent)
            do throws(Errno) {
                let lock = try Self.lock(path)
                Self.open.withLock { $0[path] = lock }
            } catch .wouldBlock, .noSuchFileOrDirectory {
                // Between its making and its locking another run took it for abandoned.
                continue
            } catch {
                // A file system without such locks: there no run can take it for abandoned.
                Self.open.withLock { $0[path] = .some(nil) }
            }
            self.path = path
            return
        }
    }

    private static func make(in parent: String) throws(PrivateDirectoryError) -> String {
        var template = Array("\(parent)/\(template)".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
        }
        guard made else { throw PrivateDirectoryError(path: parent, errno: Errno(rawValue: errno)) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Locks a directory that is ours alone.
    private static func lock(_ path: String) throws(Errno) -> FileDescriptor {
        let directory: FileDescriptor
        do {
            directory = try FileDescriptor.open(
                FilePath(path), .readOnly, options: [.directory, .noFollow, .closeOnExec])
        } catch {
            throw error as? Errno ?? .ioError
        }
        let obstacle = obstacle(to: directory, path)
        guard let obstacle else { return directory }
        try? directory.close()
        throw obstacle
    }

    /// Takes the lock; nil where that went well.
    private static func obstacle(to directory: FileDescriptor, _ path: String) -> Errno? {
        var (opened, named) = (stat(), stat())
        guard unsafe fstat(directory.rawValue, &opened) == 0, isPrivate(opened) else { return .permissionDenied }
        guard flock(directory.rawValue, LOCK_EX | LOCK_NB) == 0 else { return Errno(rawValue: errno) }
        // What was removed meanwhile can be locked as well.
        guard unsafe lstat(path, &named) == 0, named.st_ino == opened.st_ino else { return .noSuchFileOrDirectory }
        return nil
    }

    private static func removeAbandoned(in parent: String) {
        for name in entries(of: parent) where name.hasPrefix(prefix) && name.utf8.count == template.utf8.count {
            let path = "\(parent)/\(name)"
            guard let lock = try? lock(path) else { continue }
            remove(path)
            try? lock.close()
        }
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
        for path in open.withLock(\.keys) { remove(path) }
    }

    func remove() {
        Self.remove(path)
        let lock = Self.open.withLock { $0.removeValue(forKey: path) }
        try? lock??.close()
    }

    /// Only what a session writes: a directory that has something else stays, with that in it.
    private static func remove(_ path: String) {
        for name in entries(of: path) where isOurs(name) { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    /// The three files, and the numbered sockets and logs.
    private static func isOurs(_ name: String) -> Bool {
        ["config", "calls", "known_hosts"].contains(name)
            || name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
    }

    private static func entries(of path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            names.append(
                unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    private static func isPrivate(_ status: stat) -> Bool {
        status.st_mode & (S_IFMT | 0o077) == S_IFDIR && status.st_uid == geteuid()
    }

    /// `$XDG_RUNTIME_DIR` where it is what it should be: ours alone, and short.
    private static func runtimeDirectory() -> String? {
        guard let value = unsafe getenv("XDG_RUNTIME_DIR") else { return nil }
        let path = unsafe String(cString: value)
        var status = stat()
        guard path.hasPrefix("/"), path.utf8.count + 1 + template.utf8.count <= longestPath,
            path.utf8.allSatisfy({ ($0 > 0x20 && $0 < 0x7F) && !"\"'\\%$`:".utf8.contains($0) }),
            unsafe lstat(path, &status) == 0, isPrivate(status)
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
