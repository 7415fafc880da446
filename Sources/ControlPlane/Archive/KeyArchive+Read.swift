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
        package func open(with key: DecryptionKey) throws -> ArchivedKey {
            guard let json = CMSEnvelope.open(content, with: key), let opened = try ArchivedKey(json: json) else {
                throw CannotOpenArchivedKey(path: path, problem: "this private key does not open it")
            }
            guard label?.names(opened.label) ?? true else {
                throw CannotOpenArchivedKey(
                    path: path, problem: "what is in it is not the key that its first lines name")
            }
            return opened
        }

        /// False where a run was killed while it wrote the file.
        var isWhole: Bool { CMSEnvelope.isWhole(content) }
    }

    /// Every file of an archive, cluster by cluster; what does not end in `.cms.pem` is none.
    ///
    /// - Throws: `KeyArchiveError`.
    package static func files(in directory: String) throws -> [File] {
        let archive = try ArchiveDirectory(directory)
        var files: [File] = []
        for component in try archive.names(ofDirectories: true) {
            guard let cluster = PathComponent.unescaping(component) else { continue }
            files += try Self.files(of: cluster, in: try archive.subdirectory(component))
        }
        return files
    }

    /// Every file of one cluster.
    ///
    /// - Throws: `KeyArchiveError`; `NoKeysOfCluster`.
    package static func files(of cluster: String, in directory: String) throws -> [File] {
        let archive = try ArchiveDirectory(directory)
        let component = PathComponent.escaping(cluster)
        let clusters = try archive.names(ofDirectories: true)
        guard clusters.contains(component) else {
            throw NoKeysOfCluster(
                directory: directory, cluster: cluster, others: clusters.compactMap(PathComponent.unescaping),
                holdsKeysItself: try archive.names(ofDirectories: false).contains {
                    $0.hasSuffix(ArchiveLabel.fileSuffix)
                })
        }
        return try files(of: cluster, in: try archive.subdirectory(component))
    }

    private static func files(of cluster: String, in directory: borrowing ArchiveDirectory) throws -> [File] {
        try directory.names(ofDirectories: false).compactMap { try File($0, of: cluster, in: directory) }
    }
}

/// A file of the archive that does not give its key.
package struct CannotOpenArchivedKey: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package var description: String { "\(path): \(problem)" }
}

/// An archive that keeps nothing of the cluster that is looked at.
package struct NoKeysOfCluster: Error, Hashable, Sendable, CustomStringConvertible {
    package let directory: String
    package let cluster: String
    package let others: [String]
    /// Keys stand in the directory, and not in one of a cluster below it.
    package let holdsKeysItself: Bool

    package var description: String {
        let found =
            holdsKeysItself
            ? "it holds keys itself, as the directory of one cluster does. Give the directory above it"
            : others.isEmpty
                ? "it is empty"
                : "it has keys of \(others.map { "\"\($0)\"" }.joined(separator: ", ")). A cluster is known by the name in its "
                    + "manifest: where that has changed, rename the directory"
        return "the key archive at \"\(directory)\" has no directory of the cluster \"\(cluster)\": \(found)"
    }
}
