package import Reconciliation

/// An etcd cluster and the gateways to its members.
package struct EtcdCluster: Sendable {
    /// In the order of their names.
    private let members: [Member]
    /// Names the members that no gateway leads to.
    private let notReached: EtcdMembersNotReached?

    private struct Member {
        let name: String
        let gateway: EtcdGateway
        /// The control-plane host that it runs on, where it does.
        let host: HostName?
    }

    /// Finds out which member is behind each gateway.
    ///
    /// `hosts` are those that members run on, by the members' numbers, and `unanswered` says why others could not be had.
    ///
    /// - Throws: `EtcdMembersNotReached` without any gateway; `EtcdFailure`.
    package init(
        of gateways: [EtcdGateway], on hosts: [UInt64: HostName] = [:], unanswered: [String] = []
    ) async throws {
        guard let first = gateways.first else { throw EtcdMembersNotReached(names: [], reasons: unanswered) }
        let names = try await first.memberNames().distinct
        let reached = Dictionary(gateways.map { ($0.memberID, $0) }) { first, _ in first }
        let missing = names.filter { reached[$0.key] == nil }.values.sorted()
        notReached = missing.isEmpty ? nil : EtcdMembersNotReached(names: missing, reasons: unanswered)
        members = names.compactMap { id, name in reached[id].map { Member(name: name, gateway: $0, host: hosts[id]) } }
            .sorted { $0.name < $1.name }
    }

    /// Makes sure that every member can be asked.
    ///
    /// - Throws: `EtcdMembersNotReached`.
    package func requireAll() throws(EtcdMembersNotReached) {
        if let notReached { throw notReached }
    }

    /// Every member that can be asked as its own status shows it.
    package func sizes() async throws -> [EtcdMember] {
        var sizes: [EtcdMember] = []
        for member in members {
            let size = try await member.gateway.size()
            sizes.append(EtcdMember(name: member.name, bytes: size.bytes, used: size.used, host: member.host))
        }
        return sizes
    }

    /// Makes sure that a copy of what is in use has room beside the database, with a tenth and 64 MB to spare.
    ///
    /// etcd writes the copy first and replaces the database by it, and some releases do not survive a disk that is full by then.
    /// Nil for `free` is not known: the member runs on no control-plane host.
    package static func checkSpace(_ free: Int?, for member: EtcdMember) throws(EtcdNotWell) {
        let needed = member.used + member.used / 10 + (64 << 20)
        guard let free, free < needed else { return }
        throw EtcdNotWell(
            member: member.name,
            finding: "its disk has \(free / 1_000_000) MB left, and a copy of its database needs "
                + "\(needed / 1_000_000) MB")
    }

    /// Drops from a member's database everything but the newest revision of each object, the bytes of what was deleted
    /// included.
    ///
    /// Leadership is moved away before; the member answers nothing while it writes its database anew. Nothing is begun
    /// unless all the others are well, and the member has caught up with them when this returns.
    ///
    /// - Throws: `EtcdMembersNotReached`; `EtcdNotWell`; `EtcdFailure`.
    package func purge(_ name: String, patience: Duration = .seconds(60)) async throws {
        try requireAll()
        guard let member = members.first(where: { $0.name == name }) else {
            throw EtcdNotWell(member: name, finding: "it is no member any more")
        }
        let others = members.filter { $0.name != name }
        try await checkHealth()
        try await compact(member, patience)
        // That may have taken long.
        try await checkHealth()
        if let heir = others.last { try await moveLeadership(from: member, to: heir, patience) }
        try await checkHealth()
        try await member.gateway.defragment()
        try await waitUntilCaughtUp(member, with: others, patience)
    }

    /// Every member answers for itself, with a quorum behind it, and raises no alarm.
    private func checkHealth() async throws {
        for member in members {
            _ = try await member.gateway.revision()
            let status = try await member.gateway.status()
            guard status.header?.member == String(member.gateway.memberID) else {
                throw EtcdNotWell(member: member.name, finding: "another member answers in its place")
            }
            let alarms = (status.errors ?? []).map { $0.printable(limit: 100) }
            guard alarms.isEmpty else {
                throw EtcdNotWell(member: member.name, finding: alarms.joined(separator: ", "))
            }
        }
    }

    private func moveLeadership(from member: Member, to heir: Member, _ patience: Duration) async throws {
        let own = String(member.gateway.memberID)
        guard try await member.gateway.status().leader == own else { return }
        try await member.gateway.handLeadership(to: heir.gateway.memberID)
        try await wait(patience, for: member.name, "it still leads") {
            let leader = try await member.gateway.status().leader
            return leader != nil && leader != "0" && leader != own
        }
    }

    /// A compaction that was asked for through another member is done in this one's database at some later time, which
    /// nothing tells; so each gets one of its own, as soon as anything was written since.
    private func compact(_ member: Member, _ patience: Duration) async throws {
        try await wait(patience, for: member.name, "nothing is written, so there is nothing that it could compact to") {
            try await member.gateway.compact(to: try await member.gateway.revision())
        }
    }

    private func waitUntilCaughtUp(_ member: Member, with others: [Member], _ patience: Duration) async throws {
        var newest: UInt64 = 0
        for other in others { newest = max(newest, try await other.gateway.appliedIndex()) }
        try await wait(patience, for: member.name, "it does not catch up with the others") {
            _ = try await member.gateway.revision()
            return try await member.gateway.appliedIndex() >= newest
        }
    }

    private func wait(
        _ patience: Duration, for member: String, _ finding: String, until holds: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + patience
        while true {
            var finding = finding
            do {
                if try await holds() { return }
            } catch let failure as EtcdFailure {
                // While the leader changes nobody answers.
                finding = "\(failure)"
            }
            guard ContinuousClock.now < deadline else { throw EtcdNotWell(member: member, finding: finding) }
            try await ContinuousClock().sleep(for: .milliseconds(200))
        }
    }
}

extension [UInt64: String] {
    /// etcd lets several members have one name.
    fileprivate var distinct: [UInt64: String] {
        let shared = Set(values.filter { name in values.count { $0 == name } > 1 })
        return reduce(into: [:]) { names, member in
            let (id, name) = member
            names[id] = shared.contains(name) ? "\(name) (\(String(id, radix: 16)))" : name
        }
    }
}

extension EtcdGateway {
    fileprivate func size() async throws -> (bytes: Int, used: Int) {
        try sizes(in: try await status())
    }

    fileprivate func appliedIndex() async throws -> UInt64 {
        guard let index = UInt64(try await status().raftAppliedIndex ?? "0") else {
            throw unintelligible("/maintenance/status")
        }
        return index
    }
}

/// Members of the etcd cluster that no API server's flags lead to.
package struct EtcdMembersNotReached: Error, Hashable, Sendable, CustomStringConvertible {
    /// Empty where there is none at all.
    package let names: [String]
    package let reasons: [String]

    package var description: String {
        let list = names.joined(separator: ", ")
        let what = names.isEmpty ? "no etcd member answers" : "of etcd's members, \(list) cannot be reached"
        let why = reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")
        return """
            \(what)\(why). History is purged only where every member answers, so that no quorum is lost and no member keeps \
            it. Bring them back, or remove them from etcd (etcdctl member remove), then run the same command again
            """
    }
}

/// A member that is not as it must be for a purge, or for the next member's.
package struct EtcdNotWell: Error, Hashable, Sendable, CustomStringConvertible {
    package let member: String
    package let finding: String

    package var description: String {
        "the etcd member \(member) is not as it must be: \(finding). See to it, then run the same command again"
    }
}
