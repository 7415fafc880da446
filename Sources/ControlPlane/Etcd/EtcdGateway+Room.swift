package import Reconciliation

extension EtcdGateway {
    /// How much this member can still take.
    ///
    /// - Parameters:
    ///   - quota: the member's own `--quota-backend-bytes`, where its process could be seen; etcd itself tells it only from
    ///     3.6 on.
    ///   - objects: how many there are in all; the size of one is their mean.
    /// - Returns: nil where the quota cannot be known, or is switched off.
    /// - Throws: `EtcdFailure`.
    package func room(quota: EtcdQuota, objects: Int) async throws -> StorageRoom? {
        let answer = try await status()
        let (size, used) = try sizes(in: answer)
        let told = try number(answer.quota, upTo: .max, from: "/maintenance/status")
        guard let bytes = told > 0 ? told : quota.bytes(forSize: size) else { return nil }
        return StorageRoom(
            size: size, used: used, quota: bytes, bytesPerObject: min(used / max(1, objects), Self.largestObject),
            isExhausted: answer.errors?.contains { $0.contains("NOSPACE") } ?? false)
    }

    /// The member's database file, and the part of it that is in use.
    func sizes(in answer: StatusResponse) throws -> (bytes: Int, used: Int) {
        let path = "/maintenance/status"
        let bytes = try number(answer.size, upTo: Self.mostBytes, from: path)
        return (bytes, try answer.used.map { try number($0, upTo: Self.mostBytes, from: path) } ?? bytes)
    }

    /// etcd takes no more than 1.5 MiB unless it is told otherwise.
    private static let largestObject = 64 << 20
}

/// What is known of an etcd member's `--quota-backend-bytes`.
package enum EtcdQuota: Hashable, Sendable {
    /// The flag of the member's process; 0 is etcd's default, a negative number no quota.
    case flag(Int)
    /// The member does not run on a control-plane host.
    case unknown

    /// etcd's `DefaultQuotaBytes`.
    static let defaultBytes = 2 << 30

    func bytes(forSize size: Int) -> Int? {
        switch self {
        case .flag(0): Self.defaultBytes
        case .flag(let bytes): bytes > 0 ? bytes : nil
        // One that has outgrown the default has another one.
        case .unknown: size < Self.defaultBytes ? Self.defaultBytes : nil
        }
    }
}
