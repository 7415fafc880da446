import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// What strikes a host, or the run itself, at an instant.
extension PlannedFault {
    /// Lets it happen to a run that is under way.
    func strike(_ run: Int32) async throws {
        switch fault {
        case .killedRun: kill(run, SIGKILL)
        case .killedSSH:
            let all = try Self.children(of: run, named: "ssh")
            if let one = all.isEmpty ? nil : all[milliseconds % all.count] { kill(one, SIGKILL) }
        case .frozenRun:
            kill(run, SIGSTOP)
            // How long it sleeps is part of the fault: some outlive the lock's patience of 20 seconds.
            try await Task.sleep(for: .milliseconds(milliseconds * 10))
            kill(run, SIGCONT)
        case .killedSSHD: try await killAll("sshd")
        case .killedServer: try await killAll("kube-apiserver")
        case .killedEtcd: try await killAll("etcd")
        case .killedKubelet: try await killAll("kubelet")
        case .fullDisk:
            // Both are file systems of their own.
            _ = try await Sandbox.onHost(
                host,
                """
                for directory in /etc/kubernetes /var/lib/atrest; do
                    dd if=/dev/zero of=$directory/full bs=64k 2>/dev/null || true
                    dd if=/dev/zero of=$directory/full bs=512 oflag=append conv=notrunc 2>/dev/null || true
                done
                """)
        case .readOnly: _ = try await Sandbox.onHost(host, "mount -o remount,bind,ro /etc/kubernetes")
        case .reboot:
            _ = try await command(Sandbox.script, ["stop", host]).checked("stop")
            _ = try await command(Sandbox.script, ["start", "--no-wait", host]).checked("start")
            // A plugin that is deployed for good starts with its host.
            try await Sandbox.kms("start", [host])
        default: break
        }
    }

    /// Takes away what lasts.
    func heal() async throws {
        switch fault {
        case .fullDisk: _ = try await Sandbox.onHost(host, "rm -f /etc/kubernetes/full /var/lib/atrest/full")
        case .readOnly: _ = try await Sandbox.onHost(host, "mount -o remount,bind,rw /etc/kubernetes")
        default: break
        }
    }

    private func killAll(_ name: String) async throws {
        _ = try await Sandbox.onHost(
            host,
            """
            for process in /proc/[0-9]*; do
                [ "$(cat $process/comm 2>/dev/null)" != \(name) ] || kill -KILL ${process#/proc/} || :
            done
            """)
    }

    private static func children(of parent: Int32, named name: String) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { process in
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
            let fields = stat.split(separator: " ")
            return fields.count > 3 && fields[1] == "(\(name))" && fields[3] == "\(parent)"
        }.sorted()
    }
}
