import FoundationEssentials
import Reconciliation
import Testing

@testable import ControlPlane

@Suite("Paths that somebody prepared") struct HostWriterAttackTests {
    @Test(
        "a symbolic link where atrest writes => refused, nothing behind it touched",
        arguments: [
            "/etc/kubernetes/encryption-providers", "/var/lib/atrest", HostProbe.managedPath, TestHost.manifestPath,
            "/var/lib/atrest/record", "/var/lib/atrest/rollback", "/var/lib/atrest/rollback/facts",
        ])
    func links(_ path: String) async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            try host.makeDirectory("/etc/kubernetes/encryption-providers", mode: 0o700)
            try host.makeDirectory("/var/lib/atrest/rollback", mode: 0o700)
            // What a sweep would take for its own.
            try host.write("/etc/kubernetes/encryption-providers/.atrest-mine", "mine")
            try host.write("/var/lib/atrest/.atrest-mine", "mine")
            let elsewhere = host.root + "/elsewhere"
            if FileManager.default.fileExists(atPath: host.path(path)) {
                try FileManager.default.moveItem(atPath: host.path(path), toPath: elsewhere)
            } else {
                try host.write("/elsewhere", "mine")
            }
            try FileManager.default.createSymbolicLink(atPath: host.path(path), withDestinationPath: elsewhere)
            let before = try await shell("find '\(elsewhere)' -exec stat -c '%n %a %i %y' {} +")
            let probe = try await host.probe()
            let failure = await #expect(throws: UnsafePath.self) {
                try await host.writer().install(HostWriterTests.step(), on: probe)
            }
            #expect(failure?.path == path)
            #expect(try await shell("find '\(elsewhere)' -exec stat -c '%n %a %i %y' {} +") == before)
        }
    }

    @Test("directories that others may write to, or own => refused")
    func writable() async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            let probe = try await host.probe()
            for (path, change, back) in [
                ("/etc/kubernetes", "chmod 777", "chmod 755"), ("/etc/kubernetes/manifests", "chmod 775", "chmod 755"),
                ("/etc/kubernetes", "chown 1000", "chown 0"),
            ] {
                _ = try await shell("\(change) '\(host.path(path))'")
                let failure = await #expect(throws: UnsafePath.self) {
                    try await host.writer().install(HostWriterTests.step(), on: probe)
                }
                #expect(failure?.path == path)
                _ = try await shell("\(back) '\(host.path(path))'")
            }
            #expect(host.read(HostProbe.managedPath) == nil)
        }
    }

    @Test("a file of another user, or with a second name, in what was his to write to => refused, untouched")
    func planted() async throws {
        try await TestHost.running { host in
            try host.encrypt(with: HostWriterTests.old)
            try host.write("/elsewhere", "mine")
            let facts = host.path("/var/lib/atrest/rollback/facts")
            for plant in ["ln '\(host.path("/elsewhere"))' '\(facts)'", "touch '\(facts)'; chown 1000 '\(facts)'"] {
                try await shell("mkdir -p -m 777 '\(host.path("/var/lib/atrest/rollback"))'; \(plant)")
                let probe = try await host.probe()
                let failure = await #expect(throws: UnsafePath.self) {
                    try await host.writer().install(HostWriterTests.step(), on: probe)
                }
                #expect(failure?.path == "/var/lib/atrest/rollback/facts")
                try await shell("rm -r '\(host.path("/var/lib/atrest/rollback"))'")
            }
            #expect(host.read("/elsewhere") == "mine")
            #expect(host.read(HostProbe.managedPath) == HostWriterTests.old)
        }
    }

    @Test("a user who swaps a directory above the configuration again and again => refused, nothing written for him")
    func race() async throws {
        try await TestHost.running { host in
            try host.write("/home/mallory/enc/file.yaml", HostWriterTests.old)
            let manifest = TestHost.manifest(
                ["--encryption-provider-config=/in/file.yaml"], mounts: [("/home/mallory/enc", "/in")])
            try host.write(TestHost.manifestPath, manifest, mode: 0o640)
            try host.addServer(100, start: 500, flags: TestHost.flags + ["--encryption-provider-config=/in/file.yaml"])
            let home = host.path("/home/mallory")
            try await shell(
                "chmod 755 '\(host.root)' \"$(dirname '\(host.root)')\"; chown 1000 '\(home)'; mkdir -m 777 '\(host.root)/trap'"
            )
            let probe = try await host.probe()
            let step = HostStep(
                configurationPath: "/home/mallory/enc/file.yaml", configuration: SecretBytes(HostWriterTests.new.utf8),
                manifest: nil)
            // He owns the directory above and so may rename root's directory in it, and put a link in its place.
            let racer = Task {
                try await shell(
                    """
                    cd '\(home)' && exec setpriv --reuid 1000 --regid 1000 --clear-groups timeout 60 sh -c '
                        while [ ! -e ../../done ]; do
                            mv enc away; ln -s ../../trap enc; rm enc; mv away enc
                        done'
                    """)
            }
            for _ in 0..<20 {
                do {
                    try await host.writer().install(step, on: probe)
                    Issue.record("written where somebody else is master")
                } catch is UnsafePath {
                } catch is HostScriptFailed {
                    // What was there a moment ago was not.
                } catch is HostChanged {
                }
            }
            try host.write("/done", "")
            _ = try await racer.value
            #expect(try host.entries("/trap").isEmpty)
            #expect(host.read("/home/mallory/enc/file.yaml") == HostWriterTests.old)
        }
    }

    @Test("the manifests directory is a file system of its own => refused")
    func otherFileSystem() async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            let directory = host.path("/etc/kubernetes/manifests")
            _ = try await shell("mount -t tmpfs -o mode=755 none '\(directory)'")
            do {
                try host.write(TestHost.manifestPath, TestHost.manifest())
                let probe = try await host.probe()
                await #expect(throws: UnsafePath.self) {
                    try await host.writer().install(HostWriterTests.step(), on: probe)
                }
            } catch {
                _ = try await shell("umount '\(directory)'")
                throw error
            }
            _ = try await shell("umount '\(directory)'")
        }
    }
}
