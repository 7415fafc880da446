internal import FoundationEssentials
internal import Reconciliation

extension EtcdGateway {
    /// Every member of the cluster, by its number: etcd's own name for it, or the number of one that has never started.
    func memberNames() async throws -> [UInt64: String] {
        let path = "/cluster/member/list"
        let answer = try await transport.post(EmptyRequest(), to: root + path, as: MemberList.self)
        // etcd itself has seven at most where it is to be fast.
        guard let answer, isOurs(answer.header), (answer.members ?? []).count <= 100
        else { throw unintelligible(path) }
        return try (answer.members ?? []).reduce(into: [:]) { names, member in
            guard let id = UInt64(member.id) else { throw unintelligible(path) }
            names[id] = member.name.flatMap { $0.isEmpty ? nil : $0.printable(limit: 64) } ?? String(id, radix: 16)
        }
    }

    /// The newest revision of the cluster.
    func revision() async throws -> Int64 {
        let answer = try await ask(.count(KeyRange(only: [0])))
        guard let revision = Int64(answer.header?.revision ?? ""), revision >= 0
        else { throw unintelligible("/kv/range") }
        return revision
    }

    /// How many objects a range held at a revision; nil where that revision is compacted.
    package func count(in range: KeyRange, at revision: Int64) async throws -> Int? {
        do {
            return try count(in: try await ask(.count(range, at: revision)), from: "/kv/range")
        } catch let failure as EtcdFailure where failure.saysCompacted {
            return nil
        }
    }

    /// The oldest revision that can still be read: what objects were at that time, and after it, etcd still has.
    package func oldestRevision() async throws -> Int64 {
        let nothing = KeyRange(only: [0])
        var (low, high) = (Int64(1), try await revision())
        while low < high {
            let middle = low + (high - low) / 2
            if try await count(in: nothing, at: middle) == nil { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Has the cluster drop what objects were before a revision, and returns once this member has done so in its database.
    ///
    /// - Returns: false where that was done before, and nobody waited for this member.
    func compact(to revision: Int64) async throws -> Bool {
        let path = "/kv/compaction"
        let request = CompactionRequest(revision: String(revision), physical: true)
        do {
            try await command(request, path, within: Self.longestRequest)
            return true
        } catch let failure as EtcdFailure where failure.saysCompacted {
            return false
        }
    }

    /// Has this member write its database anew without free pages, which keep the bytes of what was deleted; it answers
    /// nothing meanwhile.
    func defragment() async throws {
        try await command(EmptyRequest(), "/maintenance/defragment", within: Self.longestRequest)
    }

    /// Has this member, which leads, hand leadership to another one.
    func handLeadership(to member: UInt64) async throws {
        try await command(LeadershipRequest(targetID: String(member)), "/maintenance/transfer-leadership")
    }

    private func command(_ request: some Encodable, _ path: String, within limit: Duration? = nil) async throws {
        let answer = try await transport.post(
            request, to: root + path, as: CommandResponse.self, within: limit, isRead: false)
        guard answer != nil else { throw unintelligible(path) }
    }
}

extension EtcdGateway {
    struct EmptyRequest: Encodable {}

    struct MemberList: Decodable {
        struct Member: Decodable {
            let id: String
            let name: String?

            enum CodingKeys: String, CodingKey {
                case id = "ID"
                case name
            }
        }

        let header: Header?
        let members: [Member]?
    }

    struct CompactionRequest: Encodable {
        let revision: String
        let physical: Bool
    }

    struct LeadershipRequest: Encodable {
        let targetID: String
    }

    /// What it says does not matter; an error would not be one.
    struct CommandResponse: Decodable {}
}

extension EtcdFailure {
    fileprivate var saysCompacted: Bool {
        guard case .refused(_, _, let reason) = self else { return false }
        return reason.contains("required revision has been compacted")
    }
}
