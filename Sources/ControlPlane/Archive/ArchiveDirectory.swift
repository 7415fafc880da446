internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A directory of the archive, held open: whoever renames or replaces it meanwhile redirects nothing.
struct ArchiveDirectory: ~Copyable {
    let path: String
    private let descriptor: FileDescriptor

    /// Opens the archive itself, which may be reached through a symbolic link, and makes it where it is missing.
    static func making(_ path: String) throws(KeyArchiveError) -> ArchiveDirectory {
        if unsafe mkdir(path, 0o700) == 0 { try ArchiveDirectory(parentOf: path).synchronize() }
        return try ArchiveDirectory(path)
    }

    /// Opens the archive itself.
    init(_ path: String) throws(KeyArchiveError) {
        try self.init(path, unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    private init(parentOf path: String) throws(KeyArchiveError) {
        try self.init(FilePath(path).removingLastComponent().string.nonEmpty ?? ".")
    }

    private init(_ path: String, _ descriptor: Int32) throws(KeyArchiveError) {
        guard descriptor >= 0 else { throw .failing(path) }
        self.path = path
        self.descriptor = FileDescriptor(rawValue: descriptor)
    }

    deinit { try? descriptor.close() }

    /// Opens a directory in this one that is no symbolic link.
    func subdirectory(_ name: String) throws(KeyArchiveError) -> ArchiveDirectory {
        try ArchiveDirectory(
            "\(path)/\(name)",
            unsafe openat(descriptor.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0))
    }

    /// The same, and makes it where it is missing.
    func makingSubdirectory(_ name: String) throws(KeyArchiveError) -> ArchiveDirectory {
        if unsafe mkdirat(descriptor.rawValue, name, 0o700) == 0 {
            try synchronize()
        } else if errno != EEXIST {
            throw .failing("\(path)/\(name)")
        }
        return try subdirectory(name)
    }

    /// Whether something has this name already, whatever it is.
    func contains(_ name: String) -> Bool {
        var status = stat()
        return unsafe fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Makes a file that outlives a power failure; false, and nothing done, where something has this name already.
    func create(_ name: String, _ content: [UInt8]) throws(KeyArchiveError) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe openat(descriptor.rawValue, name, flags, 0o600)
        guard file >= 0 else {
            if errno == EEXIST { return false }
            throw .failing("\(path)/\(name)")
        }
        do {
            let file = FileDescriptor(rawValue: file)
            try file.closeAfter {
                try file.writeAll(content)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            // Half a file would pass for a key that is kept.
            unsafe unlinkat(descriptor.rawValue, name, 0)
            throw KeyArchiveError("\(path)/\(name)", error)
        }
        try synchronize()
        return true
    }

    func remove(_ name: String) throws(KeyArchiveError) {
        guard unsafe unlinkat(descriptor.rawValue, name, 0) == 0 else { throw .failing("\(path)/\(name)") }
    }

    /// The bytes of a regular file.
    func read(_ name: String) throws(KeyArchiveError) -> [UInt8] {
        // Whatever else is there, this does not wait for it.
        let file = unsafe openat(descriptor.rawValue, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        guard file >= 0 else { throw .failing("\(path)/\(name)") }
        do {
            return try SecretBytes.contents(of: FileDescriptor(rawValue: file)).array
        } catch {
            throw KeyArchiveError("\(path)/\(name)", error)
        }
    }

    /// The names of the directories in it, or of its other files, in order; what begins with a dot is none of the archive's.
    func names(ofDirectories wanted: Bool) throws(KeyArchiveError) -> [String] {
        // The stream gets a descriptor of its own: it closes it, and moves where it reads.
        let copy = unsafe openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0, let entries = unsafe fdopendir(copy) else { throw .failing(path) }
        defer { unsafe closedir(entries) }
        var names: [String] = []
        while let entry = unsafe readdir(entries) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), try isDirectory(name) == wanted { names.append(name) }
        }
        return names.sorted()
    }

    private func isDirectory(_ name: String) throws(KeyArchiveError) -> Bool {
        var status = stat()
        guard unsafe fstatat(descriptor.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .failing("\(path)/\(name)")
        }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private func synchronize() throws(KeyArchiveError) {
        guard fsync(descriptor.rawValue) == 0 else { throw .failing(path) }
    }
}

/// A place of the key archive that cannot be read or written.
package struct KeyArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let problem: String

    init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    init(_ path: String, _ error: any Error) {
        self.init(path: path, problem: (error as? Errno ?? .ioError).description.lowercased())
    }

    /// The system call that was made last has failed.
    static func failing(_ path: String) -> KeyArchiveError {
        KeyArchiveError(path, Errno(rawValue: errno))
    }

    package var description: String { "the key archive at \"\(path)\": \(problem)" }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
