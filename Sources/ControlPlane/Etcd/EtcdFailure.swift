/// Why etcd did not say what it holds.
package enum EtcdFailure: Error, Hashable, Sendable {
    /// The member does not serve the gateway at all.
    case gatewayOff(member: String)
    /// No answer in time: the cluster has no quorum, or the member is stuck.
    case timedOut(member: String, reason: String)
    /// No connection, or it broke.
    case unreachable(member: String, reason: String)
    /// An answer that is an error.
    case refused(member: String, status: Int, reason: String)
    /// An answer that is not etcd's.
    case unintelligible(member: String, path: String)
    /// Objects changed again and again while their values were compared.
    case restless(member: String, key: String)
}

extension EtcdFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .gatewayOff(let member):
            """
            etcd on "\(member)" does not serve its JSON gateway (404), so what is stored cannot be observed: start etcd \
            with --enable-grpc-gateway=true
            """
        case .timedOut(let member, let reason):
            """
            etcd on "\(member)" did not answer in time (\(reason)): it has lost its quorum or is overloaded; see to \
            etcd's health, then run the same command again
            """
        case .unreachable(let member, let reason):
            "etcd on \"\(member)\" cannot be reached: \(reason)"
        case .refused(let member, let status, let reason):
            "etcd on \"\(member)\" refused a request with status \(status): \(reason)"
        case .unintelligible(let member, let path):
            "what answers for etcd on \"\(member)\" at \(path) is not this cluster's gateway: check where it leads"
        case .restless(let member, let key):
            """
            the object at "\(key)" changed again and again while etcd on "\(member)" compared it: run the same command \
            again when it is written less often
            """
        }
    }
}
