internal import ControlPlane
internal import Reconciliation

/// Where etcd may still have what objects were before their last write.
struct HistoryText {
    let history: EtcdHistory

    func render() -> String {
        let rows = history.members.map { member in
            [
                member.name, megabytes(member.bytes), megabytes(member.bytes - member.used),
                member.host.flatMap { history.logs[$0]?.words } ?? "-",
            ]
        }
        let heading = ["ETCD MEMBER", "DATABASE", "FREE PAGES", "WRITE-AHEAD LOG"]
        return TextTable(heading: heading, rows: rows).render()
            + "\(revisions) Free pages and the log keep older bytes.\n"
    }

    private var revisions: String {
        let span = "Old revisions are kept from \(grouped(Int(history.oldest))) to \(grouped(Int(history.newest)))"
        let names = history.resources.map(\.text).joined(separator: ", ")
        return names.isEmpty
            ? "\(span); of what is listed above none was written since." : "\(span); written since: \(names)."
    }
}

/// What a purge of etcd's history has brought, and what it cannot reach.
struct PurgeText {
    let before: [EtcdMember]
    let after: [EtcdMember]
    let logs: [HostName: EtcdLog]

    func render() -> String {
        let sizes = after.map { member in
            let old = before.first { $0.name == member.name }.map { "\(megabytes($0.bytes)) → " } ?? ""
            return "\(member.name) \(old)\(megabytes(member.bytes))"
        }
        var lines = ["History purged: \(sizes.joined(separator: ", "))."]
        let left = logs.sorted { $0.key < $1.key }.map { "\($0) \($1.words)" }
        if !left.isEmpty {
            lines.append(
                "The write-ahead logs still hold what was written before: \(left.joined(separator: "; ")). etcd removes a file "
                    + "once it has written enough new ones (--max-wals, 5).")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// For whoever has just had everything rewritten and left history as it was.
    static let advice =
        "What was stored before stays in etcd's history for a while: --purge-history drops it, verify shows what is left."
}

extension EtcdLog {
    fileprivate var words: String { "\(plural(files, "file")), \(megabytes(bytes))" }
}
