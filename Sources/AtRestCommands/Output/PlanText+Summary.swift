internal import Reconciliation

/// What a plan costs.
extension PlanText {
    /// `2 restarts a host, one at a time, 2,003 objects to rewrite, reads go on`.
    var summary: String {
        ([restarts] + objects + [serves]).compactMap(\.self).joined(separator: ", ")
    }

    private var restarts: String {
        let counts = report.restarts.map(\.count)
        let all = counts.reduce(0, +)
        guard all > 0, let most = counts.max(), let least = counts.min() else { return "no restart" }
        if counts.count == 1 { return plural(all, "restart") }
        let text = least == most ? "\(plural(most, "restart")) a host" : plural(all, "restart") + onlyOn(least)
        return all > 1 ? "\(text), one at a time" : text
    }

    private func onlyOn(_ least: Int) -> String {
        let restarting = report.restarts.filter { $0.count > 0 }
        return least == 0 ? " of \(restarting.map(\.host).joined)" : ""
    }

    private var objects: [String] {
        report.rewrites.isEmpty ? [] : ["\(plural(report.objects, "object")) to rewrite"]
    }

    /// Where there is no other API server, nobody answers while the only one restarts.
    private var serves: String {
        guard report.restarts.count == 1 else { return "reads go on" }
        if report.restarts.contains(where: { $0.count > 0 }) { return "no API while its only server restarts" }
        return report.observed.toPurge.isEmpty ? "reads go on" : "no API while etcd writes its database anew"
    }

    /// What a rewrite adds to etcd and to logs.
    func cost(of rewrites: [Step.Rewrite]) -> [String] {
        let objects = rewrites.reduce(0) { $0 + report.objects(of: $1) }
        let room = report.observed.room.map { room in
            "    etcd: about \(megabytes(objects * room.bytesPerObject)) more, by the mean size of an object; it has "
                + "\(megabytes(room.size)), its quota is \(megabytes(room.quota))"
        }
        let others =
            "    \(plural(objects, "watch event")); \(plural(objects, "request")) in the audit log, where there is one"
        return [room, others].compactMap(\.self)
    }
}
