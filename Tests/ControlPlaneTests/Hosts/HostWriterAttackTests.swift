import FoundationEssentials
import Reconciliation
import Testing

@testable import ControlPlane

@Suite("Paths that somebody prepared") struct HostWriterAttackTests {
    @Test(
        "a symbolic link where atrest writes => refused, nothing behind it touched",
        arguments: [
            "/etc/kubernetes/encryption-providers", "/var/lib/atrest", HostProbe.managedPath, TestHost.manifestPath,
        ])
    func links(_ path: String) async throws {
        try await TestHost.running { host in
            try host.joinControlPlane()
            try host.makeDirectory("/etc/kubernetes/encryption-providers", mode: 0o700)
            try host.makeDirectory("/var/lib/atrest", mode: 0o700)
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
