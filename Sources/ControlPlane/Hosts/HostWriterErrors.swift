package import Reconciliation

/// Somebody changed a host between the look at it and the write.
package struct HostChanged: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let path: String

    package var description: String {
        "\(host): \"\(path)\" has changed since it was looked at, and nothing was written; run the same command again"
    }
}

/// A place that others than root could have prepared, or where a file cannot be replaced in one step.
package struct UnsafePath: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let path: String
    package let reason: String

    package var description: String {
        "\(host): \"\(path)\" \(reason): nothing was written. Put that right, then run the same command again"
    }
}

/// A configuration that the static pod still names.
package struct ConfigurationInUse: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String

    package var description: String { "\"\(path)\" is still named by the API server's manifest and is not removed" }
}
