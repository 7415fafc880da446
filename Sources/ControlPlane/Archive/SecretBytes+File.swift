internal import SystemPackage

extension SecretBytes {
    /// More than any certificate, private key or archived key has; a wrong file or a device is not read for ever.
    private static let fileLimit = 1 << 20

    /// The bytes of a small file, or of a pipe.
    ///
    /// - Throws: `Errno`.
    static func contents(of path: String) throws -> SecretBytes {
        try contents(of: try FileDescriptor.open(FilePath(path), .readOnly))
    }

    /// The bytes of a small open file, which is closed then.
    ///
    /// - Throws: `Errno`.
    static func contents(of file: FileDescriptor) throws -> SecretBytes {
        var count = 0
        let content = try unsafe SecretBytes(count: fileLimit) { buffer in
            try file.closeAfter {
                while case let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...]),
                    case let read = try unsafe file.read(into: rest), read > 0
                { count += read }
            }
        }
        guard count < fileLimit else { throw Errno.fileTooLarge }
        return unsafe content.withBytes { unsafe SecretBytes($0.prefix(count)) }
    }

    /// A copy, for bytes that turned out to be no secret.
    var array: [UInt8] { unsafe withBytes { unsafe Array($0) } }
}
