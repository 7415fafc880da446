/// How much etcd can still take: a rewrite stores every object once more, and the old revisions go only with a compaction.
///
/// A member whose database reaches its quota takes no more writes at all until an operator frees it. All numbers are bytes,
/// of the member that has the least room.
package struct StorageRoom: Hashable, Sendable {
    /// The database file.
    package let size: Int
    /// The part of it that holds anything.
    package let used: Int
    package let quota: Int
    /// The mean over all objects of all resources, old revisions included; what single resources take is not visible.
    package let bytesPerObject: Int
    /// The member has stopped taking writes already.
    package let isExhausted: Bool

    package init(size: Int, used: Int, quota: Int, bytesPerObject: Int, isExhausted: Bool = false) {
        self.size = size
        self.used = used
        self.quota = quota
        self.bytesPerObject = bytesPerObject
        self.isExhausted = isExhausted
    }

    /// Where the file would reach the quota but for a margin that other writers may need meanwhile.
    package var limit: Int { quota / 100 * 95 }

    /// Whether so many objects can be stored once more.
    ///
    /// The file grows only once its free pages are used up; etcd counts the file against the quota.
    package func takes(_ objects: Int) -> Bool {
        !isExhausted && max(size, used + objects * bytesPerObject) < limit
    }
}
