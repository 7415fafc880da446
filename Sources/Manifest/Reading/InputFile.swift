internal import SystemPackage

/// Reads what the operator names on the command line.
package enum InputFile {
    /// Far more than any manifest or output; a device or a wrong file is not read for ever.
    private static let limit = 16 << 20

    /// The bytes of a file; `-` is standard input.
    package static func read(_ path: String) throws(InputError) -> [UInt8] {
        let place = Place(file: name(path))
        do {
            if path == "-" { return try bytes(of: .standardInput, place) }
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            return try file.closeAfter { try bytes(of: file, place) }
        } catch let error as InputError {
            throw error
        } catch {
            let reason = (error as? Errno)?.description.lowercased() ?? "\(error)"
            throw InputError([Problem("this file cannot be read: \(reason)", at: place)])
        }
    }

    /// How messages name a path: `-` is standard input.
    package static func name(_ path: String) -> String {
        path == "-" ? "standard input" : path
    }

    /// Whether the path is a directory; one that cannot be looked into is not.
    static func isDirectory(_ path: String) -> Bool {
        guard path != "-",
            let directory = try? FileDescriptor.open(FilePath(path), .readOnly, options: .directory)
        else { return false }
        try? directory.close()
        return true
    }

    private static func bytes(of file: FileDescriptor, _ place: Place) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else {
                throw InputError([
                    Problem("this file has more than \(limit >> 20) MiB: is it the right one?", at: place)
                ])
            }
        }
    }
}

extension KubeOneManifest {
    /// The manifest in a file; `-` is standard input.
    package init(contentsOf path: String) throws(InputError) {
        let bytes = try InputFile.read(path)
        let name = InputFile.name(path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InputError([Problem("this is not UTF-8 text", at: Place(file: name))])
        }
        try self.init(parsing: text, file: name)
    }
}

extension TerraformOutput {
    /// The output in a file; `-` is standard input.
    package init(contentsOf path: String) throws(InputError) {
        try self.init(parsing: try InputFile.read(path), file: InputFile.name(path))
    }
}
