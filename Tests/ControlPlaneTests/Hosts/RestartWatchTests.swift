import Reconciliation
import Testing

@testable import ControlPlane

@Suite("Waiting for an API server") struct RestartWatchTests {
    private static let flags = CommandLineFlags(words: TestHost.flags)
    private static let moment = HostMoment(bootID: "boot-1", ticks: 1000)

    /// A `sleep` that carries out the next command of a list instead of waiting; then it really waits.
    private func stubs(_ host: TestHost, _ commands: [String]) async throws -> String {
        let directory = host.root + "/stubs"
        try await shell("mkdir -p '\(directory)'")
        for (index, command) in commands.enumerated() {
            try host.write("/stubs/step\(index)", command + "\n")
        }
        try host.write(
            "/stubs/sleep",
            """
            #!/bin/sh
            for step in '\(directory)'/step*; do
                [ -e "$step" ] || break
                sh "$step"
                rm "$step"
                exit
            done
            exec /bin/sleep "$@"

            """, mode: 0o755)
        return directory
    }

    @Test("old ends, new starts, new listens => the new process", arguments: Interpreter.allCases)
    func restarted(_ interpreter: Interpreter) async throws {
        try await TestHost.running(interpreter) { host in
            let wanted = TestHost.flags + [TestHost.configurationFlag]
            try host.addServer(1, start: 10, flags: TestHost.flags)
            // The later processes are put together aside, for the stub to move in.
            try host.addServer(3, start: 1005, flags: wanted)
            try await shell(
                "mv '\(host.path("/proc/3"))' '\(host.path("/later"))'; "
                    + "cp -a '\(host.path("/later"))' '\(host.path("/deaf"))'; rm '\(host.path("/deaf"))'/fd/*")
            let stubs = try await stubs(
                host,
                [
                    "rm '\(host.root)'/proc/1/fd/*", "mv '\(host.root)/deaf' '\(host.root)/proc/3'",
                    "mv '\(host.root)'/later/fd/* '\(host.root)/proc/3/fd/'", "rm -r '\(host.root)/proc/1'",
                ])
            let watch = RestartWatch(shell: host.remoteShell(stubs: stubs), root: host.root)
            let process = try await watch.restarted(
                Self.flags, withConfiguration: HostProbe.managedPath, after: Self.moment, on: host.name,
                timeout: .seconds(300))
            #expect(process.id == 3)
            #expect(try await watch.quiet(Self.flags, on: host.name).id == 3)
        }
    }

    @Test(
        "a process from before the write, or without the flag => not what was waited for; the log is shown, keys are not"
    )
    func timesOut() async throws {
        try await TestHost.running { host in
            try host.addServer(1, start: 999, flags: TestHost.flags + [TestHost.configurationFlag])
            try host.addServer(2, start: 1001, flags: TestHost.flags, listening: [])
            let secret = Base64Text.of(Array(repeating: 98, count: 32))
            let log = "/var/log/pods/kube-system_kube-apiserver-cp1_0a/kube-apiserver"
            try host.write("\(log)/0.log", "old\n")
            _ = try await shell("touch -d '1 hour ago' '\(host.path("\(log)/0.log"))'")
            try host.write(
                "\(log)/1.log",
                """
                error: error while parsing encryption provider configuration file "\(HostProbe.managedPath)": bad
                the key \(secret) is long, and \(Base64Text.of(Array(repeating: 99, count: 16))) is short
                secret: c2hvcnQ=
                keys[0].secret: Invalid value: "c2hvcnQ=": not of the expected length
                {"data":{"p":"c2hvcnQ="}}

                """)
            let watch = RestartWatch(shell: host.remoteShell(), root: host.root)
            let failure = await #expect(throws: RestartTimedOut.self) {
                try await watch.restarted(
                    Self.flags, withConfiguration: HostProbe.managedPath, after: Self.moment, on: host.name,
                    timeout: .milliseconds(300))
            }
            let text = try #require(failure?.description)
            #expect(
                text.contains(
                    "error while parsing encryption provider configuration file \"\(HostProbe.managedPath)\": bad"))
            #expect(
                !text.contains(secret) && !text.contains("Y2Nj") && !text.contains("c2hvcnQ") && !text.contains("old"))
            #expect(text.contains("not of the expected length"))
            await #expect(throws: OldProcessStays.self) {
                try await watch.quiet(Self.flags, on: host.name, timeout: .milliseconds(300))
            }
        }
    }
}
