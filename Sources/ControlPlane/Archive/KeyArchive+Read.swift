extension KeyArchive {
    /// A file of an archive, not opened yet.
    package struct File: Sendable {
        package let path: String
        /// As its directory is called.
        package let cluster: String
        /// The key's name, as the file is called.
        package let name: String
        /// What the file says of itself in plain text; nil where it says nothing.
        package let label: ArchiveLabel?
        private let content: [UInt8]

        fileprivate init?(_ fileName: String, of cluster: String, in directory: borrowing ArchiveDirectory) throws {
            guard fileName.hasSuffix(ArchiveLabel.fileSuffix),
                let name = PathComponent.unescaping(
                    fileName.dropLast(ArchiveLabel.fileSuffix.count).prefix { $0 != ArchiveLabel.separator })
            else { return nil }
            path = "\(directory.path)/\(fileName)"
            self.cluster = cluster
            self.name = name
            content = try directory.read(fileName)
            label = ArchiveLabel(of: content)
        }

        /// What is in it.
        ///
        /// - Throws: `CannotOpenArchivedKey`.
        package func open(with key: borrowing DecryptionKey) throws -> ArchivedKey {
            guard let json = CMSEnvelope.open(content, with: key), let opened = try ArchivedKey(json: json) else {
                throw CannotOpenArchivedKey(path: path, problem: "this private key does not open it")
            }
            guard label?.names(opened.label) ?? true else {
                throw CannotOpenArchivedKey(
                    path: path, problem: "what is in it is not the key that its first lines name")
            }
            return opened
        }
    }

    /// Every file of an archive, cluster by cluster; what does not end in `.cms.pem` is none.
    ///
    /// - Throws: `KeyArchiveError`.
    package static func files(in directory: String) throws -> [File] {
        let archive = try ArchiveDirectory(directory)
        var files: [File] = []
        for component in try archive.names(ofDirectories: true) {
            guard let cluster = PathComponent.unescaping(component) else { continue }
            let directory = try archive.subdirectory(component)
            for name in try directory.names(ofDirectories: false) {
                if let file = try File(name, of: cluster, in: directory) { files.append(file) }
            }
        }
        return files
    }
}

/// A file of the archive that does not give its key.
package struct CannotOpenArchivedKey: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package var description: String { "\(path): \(problem)" }
}
