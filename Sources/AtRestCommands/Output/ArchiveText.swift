internal import ControlPlane

/// What `apply` says about the key archive.
enum ArchiveText {
    /// The keys that were not in the archive before; nothing where there are none.
    static func render(_ entries: [KeyArchive.Entry]) -> String {
        let paths = entries.filter(\.isNew).map(\.path)
        return paths.isEmpty ? "" : "Archived \(plural(paths.count, "key")): \(paths.joined(separator: ", "))\n"
    }

    /// For whoever has just got a key that exists on the hosts only.
    static let advice = """
        The new key exists on the hosts only, and a backup of etcd is lost without it: --key-archive DIR keeps a copy of \
        every key, encrypted to you.
        """
}
