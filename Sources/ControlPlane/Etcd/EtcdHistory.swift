package import Reconciliation

/// What etcd still has of what objects were before their last write.
///
/// A revision that is compacted can be read no more; what it held may still stand in free pages of a member's database, until
/// the member is defragmented, and in its write-ahead log.
package struct EtcdHistory: Hashable, Sendable {
    /// The oldest revision that can be read, and the newest one.
    package let oldest: Int64
    package let newest: Int64
    /// The resources of which an object was written or deleted since the oldest revision.
    package let resources: [ResourceName]
    /// Those that could be asked, in the order of their names.
    package let members: [EtcdMember]
    /// The write-ahead logs of the members that run on control-plane hosts.
    package let logs: [HostName: EtcdLog]

    package init(
        oldest: Int64, newest: Int64, resources: [ResourceName], members: [EtcdMember], logs: [HostName: EtcdLog]
    ) {
        self.oldest = oldest
        self.newest = newest
        self.resources = resources
        self.members = members
        self.logs = logs
    }
}

/// A member's write-ahead log: what was written, in the order of its time, objects as they were stored.
package struct EtcdLog: Hashable, Sendable {
    package let files: Int
    package let bytes: Int

    package init(files: Int, bytes: Int) {
        self.files = files
        self.bytes = bytes
    }
}
