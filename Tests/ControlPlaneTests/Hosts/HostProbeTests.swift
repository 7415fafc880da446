import FoundationEssentials
import Reconciliation
import Synchronization
import Testing

@testable import ControlPlane

@Suite("What a probe sees of a host") struct HostProbeTests {
    @Test("kubeadm's control plane => manifest, flags, server and files", arguments: Interpreter.allCases)
    func kubeadm(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: TestHost.configuration("a"))
            try host.write("/etc/kubernetes/pki/ca.crt", "CA\n", mode: 0o644)
            try host.write("/etc/kubernetes/pki/etcd/ca.crt", "ETCD\n")
            try host.write("/etc/kubernetes/pki/apiserver-etcd-client.crt", "CRT\n")
            try host.write("/etc/kubernetes/pki/apiserver-etcd-client.key", "KEY\n")
            try host.write("/etc/kubernetes/admin.conf", "conf")
            try host.write("/etc/kubernetes/.atrest-abcdefghij", "half")
            let probe = try await host.probe()
            let pod = try #require(probe.pod)
            #expect(pod.path == TestHost.manifestPath)
            #expect(pod.manifest.text == TestHost.encrypted())
            #expect(pod.flags.advertiseAddress == "10.0.0.1")
            #expect(pod.version == "v1.20.2")
            #expect(probe.files[pod.path]?.attributes?.mode == "640")
            #expect(probe.servers.map(\.id) == [100])
            #expect(probe.servers.first?.isServing == true)
            #expect(probe.processes.bootID == "boot-1")
            #expect(probe.etcdCredentials?.key.count == 4)
            #expect(probe.authorityDigest == (try TestHost.digest("CA\n")))
            #expect(probe.adminKubeconfig?.count == 4)
            #expect(probe.leftovers == ["/etc/kubernetes/.atrest-abcdefghij"])
            #expect(probe.system.freeSpace["/etc/kubernetes"] ?? 0 > 0)
            let observed = probe.observed(health: .ready)
            #expect(observed.loaded == .disk)
            #expect(observed.file.configuration?.keyRing(for: .secrets).keys.count == 2)
            #expect(observed.drift.isEmpty)
        }
    }

    @Test("content of any kind => byte for byte", arguments: Interpreter.allCases)
    func binary(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.joinControlPlane()
            let everyByte =
                (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) } + Array("\n\n\0\natrest-end\nfile 3\n\n".utf8)
            try host.write("/etc/kubernetes/admin.conf", bytes: everyByte)
            try host.write("/etc/kubernetes/pki/ca.crt", "")
            let probe = try await host.probe()
            let content = unsafe probe.adminKubeconfig?.withBytes { unsafe Array($0) }
            #expect(content == everyByte)
            #expect(probe.authority?.count == 0)
        }
    }

    @Test("a second look => only what has changed is sent, and all of it is there", arguments: Interpreter.allCases)
    func again(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.encrypt(with: TestHost.configuration("a"))
            try host.write("/etc/kubernetes/admin.conf", String(repeating: "unchanged\n", count: 1000))
            try host.write("/etc/kubernetes/pki/ca.crt", "before\n")
            let sent = Mutex<[Int]>([])
            var shell = host.remoteShell()
            let run = shell.run
            shell.run = { script, host, timeout in
                let output = try await run(script, host, timeout)
                sent.withLock { $0.append(output.standardOutput.count) }
                return output
            }
            let first = try await HostProbe.read(from: shell, host: host.name, root: host.root)
            try host.write("/etc/kubernetes/pki/ca.crt", "behind\n")
            let second = try await HostProbe.read(from: shell, host: host.name, knowing: first, root: host.root)
            let bytes = sent.withLock(\.self)
            #expect(bytes.count == 2 && bytes[0] > 13_000 && bytes[1] < 4000, "\(bytes)")
            #expect(second.adminKubeconfig?.count == 10_000)
            #expect(unsafe second.authority?.withBytes { unsafe Array($0) } == Array("behind\n".utf8))
            #expect(second.files.mapValues(\.attributes) == first.files.mapValues(\.attributes))
            #expect(second.pod?.manifest.text == first.pod?.manifest.text)
        }
    }

    @Test("names with a backslash or a carriage return => read, and again", arguments: Interpreter.allCases)
    func oddNames(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            let paths = ["/srv/a\\x2d", "/srv/carriage\r", "/srv/two words", "/srv/z*"]
            for path in paths { try host.write(path, "of \(path)") }
            let shell = host.remoteShell()
            let first = try await HostProbe.lookAt(paths, on: host.name, by: shell, root: host.root)
            #expect(paths.map { first[$0]?.text } == paths.map { "of \($0)" })
            let known = Dictionary(uniqueKeysWithValues: first.values.map { ($0.digest ?? "", $0.content ?? .empty) })
            try host.write("/srv/z*", "another")
            let second = try await HostProbe.lookAt(paths, on: host.name, by: shell, knowing: known, root: host.root)
            #expect(paths.map { second[$0]?.text } == paths.dropLast().map { "of \($0)" } + ["another"])
        }
    }

    @Test(
        "what is half open stands between those who listen => all who listen are seen", arguments: Interpreter.allCases)
    func halfOpen(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.joinControlPlane()
            let table = try #require(host.read("/proc/net/tcp"))
            try host.write("/proc/net/tcp", table.replacing(" 0A ", with: " 03 ") + table)
            let probe = try await host.probe()
            #expect(probe.servers.map(\.isServing) == [true])
        }
    }

    @Test(
        "a process whose name has a line of its own => passed over",
        arguments: ["\nkube-apiserver", "apiserver\nx"], Interpreter.allCases)
    func nameOfTwoLines(_ name: String, _ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.joinControlPlane()
            try host.addServer(500, start: 9, flags: TestHost.flags, listening: [], name: name)
            #expect(try await host.probe().servers.map(\.id) == [100])
        }
    }

    @Test("a manifest that speaks in frames => no frame of its own", arguments: Interpreter.allCases)
    func malicious(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            let lines = "# $(touch \(host.root)/pwned) `id`\n#\n# atrest-end\nmanifests.candidate 5\n"
            try host.write(TestHost.manifestPath, "# '; touch \(host.root)/pwned; '\n" + TestHost.manifest())
            try host.write("/etc/kubernetes/manifests/notes $(touch pwned)\n.yaml", "kube-apiserver\n" + lines)
            try host.addServer(9, start: 5, flags: TestHost.flags + ["--x=\natrest-end\nprocess 1\n3\n"])
            let probe = try await host.probe()
            #expect(probe.pod?.path == TestHost.manifestPath)
            #expect(probe.servers.map(\.id) == [9])
            #expect(!FileManager.default.fileExists(atPath: host.path("/pwned")))
        }
    }

    @Test("a manifest beyond 1 MiB => named and refused")
    func huge() async throws {
        try await TestHost.running { host in
            try host.write(TestHost.manifestPath, TestHost.manifest() + String(repeating: "# more\n", count: 200_000))
            let failure = await #expect(throws: UnreadableManifest.self) { try await host.probe() }
            #expect(failure?.file == TestHost.manifestPath)
        }
    }

    @Test("a second manifest => both are named")
    func ambiguous() async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            try host.write("/etc/kubernetes/manifests/kube-apiserver.yaml.bak", TestHost.manifest())
            let failure = await #expect(throws: AmbiguousManifest.self) { try await host.probe() }
            #expect(failure?.paths == [TestHost.manifestPath, TestHost.manifestPath + ".bak"])
        }
    }

    @Test(
        "the kubelet's own word on its manifests => looked for there",
        arguments: [
            "staticPodPath: /srv/pods", "kind: X\nstaticPodPath: \"/srv/pods\" # here",
            #"{"staticPodPath":"/srv/pods","a":1}"#,
            "staticPodPath: '/srv/pods'",
        ])
    func staticPodPath(_ settings: String) async throws {
        try await TestHost.running { host in
            try host.write("/var/lib/kubelet/config.yaml", settings + "\n")
            try host.write("/srv/pods/api.yaml", TestHost.manifest())
            #expect(try await host.probe().pod?.path == "/srv/pods/api.yaml")
        }
    }

    @Test("a kubelet with flags => they win over the file", arguments: Interpreter.allCases)
    func kubeletFlags(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.addServer(
                55, start: 9, flags: ["--config", "/etc/kubelet.yaml", "--v=2"], listening: [], name: "kubelet",
                cgroup: TestHost.kubeletCgroup)
            try host.write("/etc/kubelet.yaml", "staticPodPath: /srv/pods\n")
            try host.write("/srv/pods/api.yaml", TestHost.manifest())
            let probe = try await host.probe()
            #expect(probe.system.kubelet?.process == 55)
            #expect(probe.pod?.path == "/srv/pods/api.yaml")
        }
    }

    @Test("a kubelet with an empty flag => its file counts", arguments: Interpreter.allCases)
    func emptyKubeletFlag(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            try host.addServer(
                55, start: 9, flags: ["--pod-manifest-path", "", "--config", "/etc/kubelet.yaml"], listening: [],
                name: "kubelet", cgroup: TestHost.kubeletCgroup)
            try host.write("/etc/kubelet.yaml", "staticPodPath: /srv/pods\n")
            try host.write("/srv/pods/api.yaml", TestHost.manifest())
            #expect(try await host.probe().pod?.path == "/srv/pods/api.yaml")
        }
    }

    @Test(
        "a process that only calls itself kubelet => its word does not count, and nothing of it is run",
        arguments: [(1000, TestHost.kubeletCgroup), (0, "0::/kubepods/besteffort/pod9/x")])
    func falseKubelet(_ user: Int, _ cgroup: String) async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            try host.addServer(
                55, start: 9, flags: ["--pod-manifest-path=/home/mallory/pods"], listening: [], name: "kubelet",
                cgroup: cgroup, user: user)
            try host.write("/proc/55/exe", "#!/bin/sh\ntouch '\(host.root)/owned'\n", mode: 0o755)
            try host.write("/home/mallory/pods/api.yaml", TestHost.manifest())
            let probe = try await host.probe()
            #expect(probe.system.kubelet == nil)
            #expect(probe.pod?.path == TestHost.manifestPath)
            #expect(host.read("/owned") == nil)
        }
    }

    @Test("another server's processes => not ours")
    func otherServers() async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            try host.addServer(101, start: 600, flags: TestHost.flags + ["--etcd-prefix=/other"], listening: [])
            try host.addServer(102, start: 601, flags: TestHost.flags, isInHostNetwork: false)
            try host.addServer(
                103, start: 602, flags: TestHost.flags, cgroup: "0::/system.slice/x", isInHostNetwork: true)
            try host.addServer(104, start: 603, flags: TestHost.flags, listening: [])
            let probe = try await host.probe()
            #expect(probe.servers.map(\.id) == [100, 104])
            #expect(probe.servers.map(\.isServing) == [true, false])
        }
    }

    @Test(
        "an etcd member on the host => its quota, by flag before environment",
        arguments: [
            (["--quota-backend-bytes=4294967296"], "ETCD_QUOTA_BACKEND_BYTES=1", EtcdQuota.flag(4 << 30)),
            (["--quota-backend-bytes", "4294967296", "--name=a"], "", .flag(4 << 30)),
            (["--name=a"], "PATH=/bin\0ETCD_QUOTA_BACKEND_BYTES=8589934592", .flag(8 << 30)),
            (["--name=a"], "PATH=/bin", .flag(0)),
        ])
    func etcdQuota(flags: [String], environment: String, quota: EtcdQuota) async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            #expect(try await host.probe().system.etcdQuota == .unknown)
            try host.addServer(60, start: 9, flags: flags, listening: [], name: "etcd")
            try host.write("/proc/60/environ", environment + "\0")
            #expect(try await host.probe().system.etcdQuota == quota)
        }
    }

    @Test(
        "an etcd member on the host => the files and bytes of its write-ahead log, and the room for its database",
        arguments: [
            (["--data-dir=/var/lib/etcd"], ""), (["--name=a"], "ETCD_DATA_DIR=/var/lib/etcd"),
            (["--data-dir", "/elsewhere", "--wal-dir=/var/lib/etcd/member/wal"], ""),
        ])
    func etcdLog(flags: [String], environment: String) async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            #expect(try await host.probe().system.etcdLog == nil)
            try host.addServer(60, start: 9, flags: flags, listening: [], name: "etcd")
            try host.write("/proc/60/environ", environment + "\0")
            // What the member itself sees, in its container.
            try host.write("/proc/60/root/var/lib/etcd/member/wal/0.wal", "four")
            try host.write("/proc/60/root/var/lib/etcd/member/wal/1.wal", "five5")
            try host.write("/proc/60/root/var/lib/etcd/member/wal/1.tmp", "of no account")
            try host.write("/proc/60/root/elsewhere/member/snap/db", "")
            try host.write("/proc/60/root/var/lib/etcd/member/snap/db", "")
            let system = try await host.probe().system
            #expect(system.etcdLog == EtcdLog(files: 2, bytes: 9))
            #expect(try #require(system.etcdFreeSpace) > 0)
        }
    }

    @Test("k3s, or an API server that no kubelet started => foreign; nothing => not joined")
    func foreign() async throws {
        try await TestHost.running { host in
            guard case .notJoined = try await host.probe().controlPlane else {
                Issue.record("an empty host is one that is to join")
                return
            }
            try host.addServer(7, start: 3, flags: TestHost.flags, cgroup: "0::/system.slice/kube-apiserver.service")
            guard case .foreign(.process(id: 7)) = try await host.probe().controlPlane else {
                Issue.record("a service is no static pod")
                return
            }
            try host.addServer(8, start: 3, flags: ["server"], listening: [], name: "k3s-server", cgroup: "0::/")
            guard case .foreign(let reason) = try await host.probe().controlPlane else {
                Issue.record("k3s is no static pod")
                return
            }
            #expect(reason.description.contains("\"k3s-server\""))
        }
    }

    @Test("files in unusual places => read in a second round trip, and their sockets missed among the mounts")
    func adopted() async throws {
        try await TestHost.running { host in
            let text = """
                apiVersion: apiserver.config.k8s.io/v1
                kind: EncryptionConfiguration
                resources:
                - resources: [secrets]
                  providers:
                  - kms: {name: mine, endpoint: "unix:///srv/kms/socket.sock"}
                  - identity: {}

                """
            try host.write("/srv/enc/file.yaml", text)
            try host.write(
                TestHost.manifestPath,
                TestHost.manifest(
                    ["--encryption-provider-config=/in/enc.yaml"], mounts: [("/srv/enc/file.yaml", "/in/enc.yaml")]))
            let probe = try await host.probe()
            #expect(probe.configurationPath == "/srv/enc/file.yaml")
            #expect(probe.kmsKeys.map(\.kmsSocket) == [.path("/srv/kms/socket.sock")])
            #expect(probe.drift.contains { $0.contains("\"/srv/kms/socket.sock\" is not mounted") })
            #expect(
                probe.observed(health: .ready).file.configuration?.keyRing(for: .secrets).writeKey.description
                    == "kms:mine")
            #expect(probe.observed(health: .ready).loaded == .notRunning)
        }
    }

    @Test("several hosts that fail => each is named")
    func failures() async throws {
        let shell = RemoteShell(
            run: { _, host, _ in
                if host.text == "cp2" {
                    return ScriptOutput(status: 3, bytes: [], standardError: "x\nno space\n")
                }
                throw UnsendableVariable(name: "x")
            }, forward: { _, _, _ in "" })
        let failures = await #expect(throws: HostFailures.self) {
            try await HostProbe.read(from: shell, hosts: ["cp1", "cp2"].map { HostName($0) })
        }
        #expect(failures?.failures.map(\.host.text) == ["cp1", "cp2"])
        #expect(failures?.description.contains("cp2: a command on the host failed (exit status 3): no space") == true)
    }
}
