import FoundationEssentials
import Reconciliation
import Subprocess
import SystemPackage
import Testing

@testable import ControlPlane

/// The shells that a host may have as `sh`.
enum Interpreter: String, CaseIterable, Sendable {
    case dash
    case bash

    var arguments: Arguments { self == .bash ? ["--posix"] : [] }
}

/// A host's files below a temporary directory, `/proc` included; the scripts run for real, as root.
struct TestHost: Sendable {
    let root: String
    let interpreter: Interpreter
    let name = HostName("cp1")

    @discardableResult
    static func running<Value: Sendable>(
        _ interpreter: Interpreter = .dash, _ body: (TestHost) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { directory in
            let host = TestHost(root: directory + "/root", interpreter: interpreter)
            try host.makeDirectory("/etc/kubernetes/manifests", mode: 0o755)
            try host.makeDirectory("/var/lib/kubelet", mode: 0o755)
            try host.makeDirectory("/proc/self/ns", mode: 0o755)
            try host.write("/proc/self/ns/net", "")
            try host.write("/proc/sys/kernel/random/boot_id", "boot-1\n")
            try host.write("/proc/sys/kernel/osrelease", "6.1.0\n")
            try host.write("/proc/net/tcp", "")
            try host.setClock(1000)
            return try await body(host)
        }
    }

    func path(_ path: String) -> String { root + path }

    func makeDirectory(_ path: String, mode: Int) throws {
        try FileManager.default.createDirectory(
            atPath: root + path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
    }

    func write(_ path: String, _ text: String, mode: Int = 0o600) throws {
        try write(path, bytes: Array(text.utf8), mode: mode)
    }

    func write(_ path: String, bytes: [UInt8], mode: Int = 0o600) throws {
        let parent = FilePath(root + path).removingLastComponent().string
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try #require(
            FileManager.default.createFile(
                atPath: root + path, contents: Data(bytes), attributes: [.posixPermissions: mode]))
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: root + path).map { String(decoding: $0, as: UTF8.self) }
    }

    func entries(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + path).sorted()
    }

    /// Mode, owner, times, inode and content of everything below `/etc` and `/var`.
    func snapshot() async throws -> String {
        try await shell(
            "cd '\(root)' && find etc var -exec stat -c '%n %a %u:%g %i %Y %y %s' {} + | sort; "
                + "find etc var -type f -exec sha256sum {} + | sort")
    }

    /// The time that a process has that starts now.
    func setClock(_ ticks: UInt64) throws {
        try write("/proc/self/stat", TestHost.stat("cat", 7, ticks))
    }

    func addServer(
        _ id: Int, start: UInt64, flags: [String], listening ports: [Int] = [6443], name: String = "kube-apiserver",
        cgroup: String = "0::/kubepods/burstable/pod1/abc", isInHostNetwork: Bool = true, user: Int = 0
    ) throws {
        let directory = "/proc/\(id)"
        try write("\(directory)/comm", name + "\n")
        try write("\(directory)/stat", TestHost.stat(name, id, start))
        try write("\(directory)/cmdline", ([name] + flags).map { $0 + "\0" }.joined())
        try write("\(directory)/cgroup", cgroup + "\n")
        try write("\(directory)/status", "Name:\t\(name)\nUid:\t\(user)\t\(user)\t\(user)\t\(user)\n")
        try makeDirectory("\(directory)/ns", mode: 0o755)
        try makeDirectory("\(directory)/fd", mode: 0o755)
        if isInHostNetwork {
            try FileManager.default.createSymbolicLink(
                atPath: root + directory + "/ns/net", withDestinationPath: root + "/proc/self/ns/net")
        } else {
            try write("\(directory)/ns/net", "")
        }
        var table = read("/proc/net/tcp") ?? ""
        for port in ports {
            let inode = id * 100_000 + port
            try FileManager.default.createSymbolicLink(
                atPath: root + directory + "/fd/\(port)", withDestinationPath: "socket:[\(inode)]")
            let number = String(port, radix: 16, uppercase: true)
            table +=
                "   0: 00000000:\(String(repeating: "0", count: 4 - number.count) + number) 00000000:0000 0A "
                + "00000000:00000000 00:00000000 00000000     0        0 \(inode) 1 0000000000000000 100 0 0 10 0\n"
        }
        try write("/proc/net/tcp", table)
    }

    func removeProcess(_ id: Int) throws {
        try FileManager.default.removeItem(atPath: root + "/proc/\(id)")
    }

    private static func stat(_ name: String, _ id: Int, _ start: UInt64) -> String {
        "\(id) (\(name)) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 \(start) 1000 200 18446744073709551615 1 1\n"
    }

    /// Runs scripts as the transport does; `stubs` is searched for commands first.
    func remoteShell(stubs: String? = nil) -> RemoteShell {
        RemoteShell(
            run: { [interpreter] script, _, _ in
                var variables = script.variables
                if let stubs { variables["PATH"] = "\(stubs):/usr/sbin:/usr/bin:/sbin:/bin" }
                let wire = try RemoteScript(script.text, variables: variables, payloads: script.payloads).wire()
                var platform = PlatformOptions()
                platform.processGroupID = 0
                let result = try await Subprocess.run(
                    .name(interpreter.rawValue), arguments: interpreter.arguments, platformOptions: platform,
                    input: .array(Array(SecretSlice(wire))), output: .bytes(limit: 16 << 20),
                    error: .string(limit: 1 << 20))
                let marker = Array("\(RemoteScript.marker)\n".utf8)
                let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { 137 }
                let output = result.standardOutput
                return ScriptOutput(
                    status: status,
                    bytes: output.starts(with: marker) ? Array(output.dropFirst(marker.count)) : [],
                    standardError: result.standardError)
            },
            forward: { _, _, _ in throw CancellationError() })
    }

    func probe() async throws -> HostProbe {
        try await HostProbe.read(from: remoteShell(), host: name, root: root)
    }

    func writer(stubs: String? = nil) -> HostWriter {
        HostWriter(guarded: remoteShell(stubs: stubs), root: root)
    }
}

extension ScriptOutput {
    init(status: Int32, bytes: [UInt8], standardError: String) {
        self.init(status: status, standardOutput: SecretSlice(SecretBytes(bytes)), standardError: standardError)
    }
}
