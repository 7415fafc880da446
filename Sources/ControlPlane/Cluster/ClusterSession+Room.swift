internal import Logging
package import Reconciliation

extension ClusterSession {
    /// What the etcd member with the least room can still take; nil where no member's quota can be known.
    ///
    /// `objects` are all that there are: counting them is for the look at a cluster, not for each second of a rewrite.
    func room(on hosts: [HostName], objects: Int) async throws -> StorageRoom? {
        let rooms = try await onEach(hosts) { host in
            let quota = try await self.probe(of: host).system.etcdQuota
            return try await self.gateway(of: host).room(quota: quota, objects: objects)
        }
        return rooms.compactMap(\.self).min { $0.limit - $0.size < $1.limit - $1.size }
    }

    /// Runs `body`, and stops it where etcd comes near its quota: the estimate of before may have been too low.
    ///
    /// - Throws: `NoRoomLeft`; what `body` throws.
    func whileThereIsRoom<Value: Sendable>(
        on hosts: [HostName], _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await self.watchRoom(on: hosts)
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let value = ended { return value }
            }
            throw CancellationError()
        }
    }

    /// Returns where there is no quota to watch; a member that does not answer for a while says nothing about its room.
    private func watchRoom(on hosts: [HostName]) async throws {
        while !Task.isCancelled {
            do {
                guard let room = try await room(on: hosts, objects: storedCounts.values.reduce(0, +)) else { return }
                guard room.takes(0) else { throw NoRoomLeft(room: room) }
            } catch let failure as EtcdFailure {
                logger.info("etcd's room is not known", metadata: ["reason": "\(failure)"])
            }
            try await ContinuousClock().sleep(for: .seconds(1))
        }
    }
}

/// A rewrite that was stopped because etcd's database comes near its quota.
package struct NoRoomLeft: Error, Hashable, Sendable, CustomStringConvertible {
    package let room: StorageRoom

    package var description: String {
        """
        the rewrite was stopped: etcd's database has \(room.size / 1_000_000) MB, its quota is \
        \(room.quota / 1_000_000) MB, and a full etcd takes no writes at all. Every object is readable. Compact and defragment \
        etcd, or raise --quota-backend-bytes, then run the same command again
        """
    }
}
