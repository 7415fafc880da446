#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which host keys count where the inputs pin none; a pinned key is always the only one.
package struct HostKeyPolicy: Hashable, Sendable {
    /// The one file that has them, as an absolute path; nil for those that ssh itself would look into.
    package var knownHostsFile: String?
    /// Whether a host that nobody knows yet is believed, and remembered; never one whose key has changed.
    package var acceptsNewHosts: Bool

    package init(knownHostsFile: String? = nil, acceptsNewHosts: Bool = false) {
        self.knownHostsFile = knownHostsFile
        self.acceptsNewHosts = acceptsNewHosts
    }

    /// Makes sure that ssh can use the file: it goes on without one, and says in the end that each host is unknown.
    package func checkFile() throws(UnusableKnownHostsFile) {
        guard let path = knownHostsFile else { return }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw UnusableKnownHostsFile(path, "cannot be read") }
            guard acceptsNewHosts else { throw UnusableKnownHostsFile(path, "does not exist") }
            let parent = path.lastIndex(of: "/").map { path[...$0] } ?? "."
            guard unsafe access(String(parent), W_OK) == 0 else {
                throw UnusableKnownHostsFile(path, "does not exist and cannot be made")
            }
            return
        }
        // The null device is a way to remember nothing.
        guard [S_IFREG, S_IFCHR].contains(status.st_mode & S_IFMT) else {
            throw UnusableKnownHostsFile(path, "is not a file that ssh can read again and again")
        }
        guard unsafe access(path, R_OK) == 0 else { throw UnusableKnownHostsFile(path, "cannot be read") }
        guard unsafe !acceptsNewHosts || access(path, W_OK) == 0 else {
            throw UnusableKnownHostsFile(path, "cannot be written, so no new host could be remembered")
        }
    }
}

/// The operator's own file of host keys is none that ssh could use.
package struct UnusableKnownHostsFile: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let finding: String

    package init(_ path: String, _ finding: String) {
        self.path = path
        self.finding = finding
    }

    package var description: String {
        "--ssh-known-hosts: \"\(path)\" \(finding); give a file with lines as ssh-keyscan prints them, or with "
            + "--ssh-accept-new-host-keys the path of one that may be made"
    }
}
