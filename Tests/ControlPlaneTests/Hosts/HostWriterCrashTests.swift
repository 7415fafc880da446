import FoundationEssentials
import Reconciliation
import Testing

@testable import ControlPlane

/// Commands that kill the whole script, or fail, at one of the calls.
private struct Saboteur {
    enum Way: String, CaseIterable, Sendable {
        /// SIGKILL to everything, before the command runs.
        case kill
        /// The command does nothing and fails.
        case fail

        /// Killed, a script differs only by the commands that change something.
        var commands: String {
            self == .kill ? "mktemp mv cp rm mkdir cat" : "mktemp mv cp cat chmod base64 sync sha256sum"
        }
    }

    let directory: String

    init(_ host: TestHost, _ way: Way) async throws {
        directory = host.root + "/stubs"
        try await shell(
            """
            mkdir -p '\(directory)' && cd '\(directory)'
            for name in \(way.commands); do
                printf '%s\\n' '#!/bin/sh' 'exec 9>>\(directory)/lock' '/usr/bin/flock 9' \
                    'count=$(($(/bin/cat \(directory)/count) + 1))' 'echo $count > \(directory)/count' \
                    '[ $count != "$(/bin/cat \(directory)/strike)" ] || \(way == .kill ? "kill -9 0" : "exit 1")' \
                    'exec 9>&-' "exec /usr/bin/$name \\"\\$@\\"" > $name
                chmod 755 $name
            done
            """)
    }

    /// The number of calls of an undisturbed script, or of one that is struck at this call.
    func aim(at call: Int) throws {
        try Data("\(call)\n".utf8).write(to: "\(directory)/strike")
        try Data("0\n".utf8).write(to: "\(directory)/count")
    }

    func calls() throws -> Int {
        let text = FileManager.default.contents(atPath: "\(directory)/count").map {
            String(decoding: $0, as: UTF8.self)
        }
        return Int(text?.prefix { $0 != "\n" } ?? "") ?? 0
    }
}

extension Data {
    fileprivate func write(to path: String) throws {
        try #require(FileManager.default.createFile(atPath: path, contents: self))
    }
}

@Suite("A script that ends anywhere") struct HostWriterCrashTests {
    enum Scenario: String, CaseIterable, Sendable {
        case enable
        case rotate

        func prepare(_ host: TestHost) throws {
            switch self {
            case .enable: try host.joinControlPlane()
            case .rotate: try host.encrypt(with: HostWriterTests.old)
            }
        }

        var oldManifest: String { self == .enable ? TestHost.manifest() : TestHost.encrypted() }
        var oldConfiguration: String? { self == .enable ? nil : HostWriterTests.old }
    }

    @Test(
        "killed, or a command failed, at any call of an install => one of the allowed states, and the next run converges",
        arguments: [
            (Scenario.enable, Interpreter.dash, Saboteur.Way.kill, 1), (.rotate, .dash, .kill, 1),
            (.rotate, .dash, .fail, 1),
            (.enable, .dash, .fail, 3), (.enable, .bash, .kill, 3), (.rotate, .bash, .kill, 3),
        ])
    fileprivate func install(_ scenario: Scenario, _ interpreter: Interpreter, _ way: Saboteur.Way, _ stride: Int)
        async throws
    {
        var call = 1
        while true {
            var isDone = false
            try await TestHost.running(interpreter) { host in
                let saboteur = try await Saboteur(host, way)
                try scenario.prepare(host)
                let probe = try await host.probe()
                try saboteur.aim(at: call)
                do {
                    try await host.writer(stubs: saboteur.directory).install(HostWriterTests.step(), on: probe)
                    // A failed sweep or flush may be survived; then everything is there.
                    #expect(
                        host.read(TestHost.manifestPath) == TestHost.encrypted(note: "new"),
                        "\(scenario) \(interpreter) \(way) \(call)")
                    isDone = try saboteur.calls() < call
                } catch {
                    try await check(host, scenario, "\(scenario) \(interpreter) \(way) call \(call): \(error)")
                }
                if !isDone { try await converge(host, scenario, "\(scenario) \(interpreter) \(way) call \(call)") }
            }
            if isDone { break }
            call += stride
        }
        #expect(call > 15)
    }

    private func check(_ host: TestHost, _ scenario: Scenario, _ place: String) async throws {
        let new = TestHost.encrypted(note: "new")
        let manifest = host.read(TestHost.manifestPath)
        let configuration = host.read(HostProbe.managedPath)
        #expect(try host.entries("/etc/kubernetes/manifests") == ["kube-apiserver.yaml"], "\(place)")
        #expect(manifest == scenario.oldManifest || manifest == new, "\(place)")
        #expect(configuration == scenario.oldConfiguration || configuration == HostWriterTests.new, "\(place)")
        let probe = try await host.probe()
        if manifest == new {
            #expect(configuration == HostWriterTests.new, "\(place)")
            #expect(probe.record?.digest == (try TestHost.digest(HostWriterTests.new)), "\(place)")
        }
        if configuration == HostWriterTests.new {
            #expect(probe.rollbackCopy?.manifest?.text == scenario.oldManifest, "\(place)")
            #expect(probe.rollbackCopy?.configuration?.text == scenario.oldConfiguration, "\(place)")
        }
        // The process of before still runs, and everybody can tell what it has.
        if scenario == .rotate, configuration == HostWriterTests.new {
            #expect(
                probe.loaded()
                    == .before(try EncryptionConfigurationFile(text: HostWriterTests.old, label: "").configuration),
                "\(place)")
        }
        let readable = try await shell(
            "grep -rlF YmJiYmJi '\(host.root)/etc' '\(host.root)/var' | xargs -r stat -c %a | sort -u")
        #expect(readable == "" || readable == "600\n", "\(place)")
    }

    private func converge(_ host: TestHost, _ scenario: Scenario, _ place: String) async throws {
        try host.setClock(1500)
        try await host.writer().install(HostWriterTests.step(), on: try await host.probe())
        #expect(host.read(TestHost.manifestPath) == TestHost.encrypted(note: "new"), "\(place)")
        #expect(host.read(HostProbe.managedPath) == HostWriterTests.new, "\(place)")
        let probe = try await host.probe()
        #expect(probe.leftovers.isEmpty, "\(place)")
        #expect(probe.rollbackCopy?.manifest?.text == scenario.oldManifest, "\(place)")
        // A file that was staged behind an API server without the flag is as good as what stood before.
        let before = probe.rollbackCopy?.configuration?.text
        #expect(
            before == scenario.oldConfiguration || (scenario == .enable && before == HostWriterTests.new), "\(place)")
        // Where nothing was left to write, the record of the first run stays.
        #expect(probe.record?.digest == (try TestHost.digest(HostWriterTests.new)), "\(place)")
    }
}
