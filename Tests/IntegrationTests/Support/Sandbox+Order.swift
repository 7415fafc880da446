import Testing

extension Sandbox {
    /// What a run that does not touch these hosts leaves alone there.
    static func controlPlanes(of hosts: [String]) async throws -> [String] {
        var all: [String] = []
        for host in hosts { all.append(try await controlPlane(of: host)) }
        return all
    }

    /// Nothing is left to do, and on every host the file is the same, for root alone.
    static func expectInOrder() async throws {
        let run = try await AtRest()(AtRest.applying())
        #expect(run.status == 0 && run.output.hasPrefix("Nothing to do"), "\(run.output)\(run.errors)")
        var files: Set<String> = []
        for host in hosts {
            let file = configurationFile
            files.insert(
                try await onHost(
                    host, "stat -c '%a %U:%G' $(dirname \(file)) \(file); sha256sum < \(file)"))
        }
        #expect(files.count == 1 && files.first?.hasPrefix("700 root:root\n600 root:root\n") == true, "\(files)")
    }

    /// Waits until no API server from before a restart is left: then a look at the processes holds.
    static func settle() async throws {
        for host in hosts {
            try await waitUntil("one API server runs on \(host)") {
                try await onHost(host, "cat /proc/[0-9]*/comm 2>/dev/null | grep -cx kube-apiserver || true") == "1\n"
            }
        }
    }

    /// Waits until a host's API server is ready, and no other runs there but with this configuration file.
    static func waitUntilServing(with file: String, on host: String, at address: String) async throws {
        try await waitUntil("only an API server with \(file) runs on \(host)") {
            try await onHost(
                host,
                """
                for process in /proc/[0-9]*; do
                    [ "$(cat $process/comm 2>/dev/null)" = kube-apiserver ] || continue
                    grep -q -e --encryption-provider-config=\(file) $process/cmdline || exit 0
                done
                kubectl --server https://\(address):6443 get --raw /readyz 2>/dev/null || true
                """) == "ok"
        }
    }
}
