package import Reconciliation

/// What a host was found to be, in one round trip; holds keys, and no description shows them.
package struct HostProbe: Sendable {
    package let host: HostName
    package let controlPlane: ControlPlaneKind
    /// Every path that was looked at.
    package let files: [String: HostFile]
    package let processes: APIServerProcesses
    package let record: WriteRecord?
    package let rollbackCopy: RollbackCopy?
    package let system: HostSystem
    /// Temporary files of a run that was killed.
    package let leftovers: [String]

    package init(
        host: HostName, controlPlane: ControlPlaneKind, files: [String: HostFile], processes: APIServerProcesses,
        record: WriteRecord?, rollbackCopy: RollbackCopy?, system: HostSystem, leftovers: [String] = []
    ) {
        self.host = host
        self.controlPlane = controlPlane
        self.files = files
        self.processes = processes
        self.record = record
        self.rollbackCopy = rollbackCopy
        self.system = system
        self.leftovers = leftovers
    }

    /// The API server's static pod, where there is one.
    package var pod: APIServerPod? {
        if case .staticPod(let pod) = controlPlane { pod } else { nil }
    }

    /// The API server processes of this control plane, oldest first; more than one while an old one still ends.
    package var servers: [APIServerProcess] {
        pod.map { processes.belonging(to: $0.flags) } ?? []
    }

    /// A regular file's content.
    package func content(_ path: String?) -> SecretBytes? { path.flatMap { files[$0]?.content } }
}

extension HostProbe: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<probe of \(host)>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// How a host's part of the control plane runs.
package enum ControlPlaneKind: Sendable {
    case staticPod(APIServerPod)
    /// No API server yet: a host that is to join.
    case notJoined
    /// Not by static pods of a kubelet; atrest cannot change it.
    case foreign(ForeignControlPlane)
}

/// A control plane that is not made of static pods.
package enum ForeignControlPlane: Error, Hashable, Sendable {
    /// k3s, RKE2, k0s or MicroK8s, by its process' name.
    case distribution(String)
    /// An API server that no kubelet started.
    case process(id: Int)
}

extension ForeignControlPlane: CustomStringConvertible {
    package var description: String {
        switch self {
        case .distribution(let name):
            """
            the control plane is not static pods: "\(name)" runs here and brings its own API server. Use that distribution's \
            own way to encrypt what is stored
            """
        case .process(let id):
            """
            the control plane is not static pods: the API server (process \(id)) was not started by a kubelet, so there is no \
            manifest to change
            """
        }
    }
}

/// The machine below the control plane.
package struct HostSystem: Hashable, Sendable {
    package var kernel: String
    /// `PRETTY_NAME` of `/etc/os-release`.
    package var distribution: String?
    /// Nil where no kubelet runs.
    package var kubelet: Kubelet?
    /// Bytes that can still be written, by path.
    package var freeSpace: [String: Int]
    /// The etcd member's that runs here.
    package var etcdQuota: EtcdQuota = .unknown
    /// Nil where no etcd runs here, or its files are not found.
    package var etcdLog: EtcdLog?
    /// Bytes that its database's file system has left.
    package var etcdFreeSpace: Int?

    package struct Kubelet: Hashable, Sendable {
        package let process: Int
    }
}
