/// A kube-apiserver process of a host.
package struct APIServerProcess: Hashable, Sendable {
    package let id: Int
    /// Clock ticks since boot (field 22 of `/proc/<pid>/stat`).
    package let start: UInt64
    package let flags: CommandLineFlags
    /// The TCP ports that it listens on.
    package let ports: Set<Int>
    /// True in a cgroup that a kubelet made.
    package let isPod: Bool

    package init(id: Int, start: UInt64, flags: CommandLineFlags, ports: Set<Int>, isPod: Bool) {
        self.id = id
        self.start = start
        self.flags = flags
        self.ports = ports
        self.isPod = isPod
    }

    /// True where clients of this control plane reach it.
    package var isServing: Bool { ports.contains(flags.securePort) }

    /// Nil where the words are not those of a kube-apiserver.
    init?(_ group: Frames.Group) {
        guard let id = Int(group.head), let start = group.text("start").flatMap({ UInt64($0) }),
            let line = group.members["words"].flatMap({ SecretBytes(base64: $0) })
        else { return nil }
        let words = unsafe line.withBytes { bytes in
            unsafe bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
                .map { unsafe String(decoding: $0, as: UTF8.self) }
        }
        guard words.prefix(2).contains(where: APIServerProcess.isProgram) else { return nil }
        self.init(
            id: id, start: start, flags: CommandLineFlags(words: words),
            ports: Set((group.text("ports") ?? "").split(separator: " ").compactMap { Int($0, radix: 16) }),
            isPod: group.text("cgroup")?.contains("kubepods") ?? false)
    }

    /// `kube-apiserver`, with or without a path; also the second word of `hyperkube kube-apiserver`.
    private static func isProgram(_ word: String) -> Bool {
        ["kube-apiserver", "apiserver"].contains(word.split(separator: "/").last ?? "")
    }
}

/// An instant of a host, in the clock that its processes' starts are in.
///
/// Wall-clock time may be set back, and a file's time with it; this may not.
package struct HostMoment: Hashable, Sendable {
    /// Another boot has another one.
    package let bootID: String
    /// Clock ticks since boot.
    package let ticks: UInt64

    package init(bootID: String, ticks: UInt64) {
        self.bootID = bootID
        self.ticks = ticks
    }

    /// True where a process of the present boot surely started later.
    package func precedes(_ process: APIServerProcess, in bootID: String) -> Bool {
        self.bootID != bootID || process.start > ticks
    }
}

/// The API server processes of a host at one instant.
package struct APIServerProcesses: Hashable, Sendable {
    package let bootID: String
    /// Every kube-apiserver in the host's network, oldest first.
    package let all: [APIServerProcess]
    /// Differs whenever the processes or their ports differ.
    package let signature: String

    package init(bootID: String, all: [APIServerProcess], signature: String = "") {
        self.bootID = bootID
        self.all = all.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
        self.signature = signature
    }

    init(_ frames: Frames) {
        self.init(
            bootID: frames.text("boot_id") ?? "", all: frames.groups("process").compactMap(APIServerProcess.init),
            signature: frames.text("processes.signature") ?? "")
    }

    /// Those of the static pod with these flags: a kubelet's, the same etcd, prefix and port; oldest first.
    package func belonging(to flags: CommandLineFlags) -> [APIServerProcess] {
        all.filter { $0.isPod && $0.flags.isSameServer(as: flags) }
    }
}

/// What tells one API server process of a host from every other that there ever was.
struct ServingProcess: Hashable, Sendable {
    let bootID: String
    let id: Int
    let start: UInt64
}

extension HostProbe {
    /// The process that every new connection to the host's API server leads to; nil where none serves, or several do.
    var servingProcess: ServingProcess? {
        let serving = servers.filter(\.isServing)
        guard serving.count == 1, let process = serving.first else { return nil }
        return ServingProcess(bootID: processes.bootID, id: process.id, start: process.start)
    }
}
