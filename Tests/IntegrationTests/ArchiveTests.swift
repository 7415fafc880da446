import FoundationEssentials
import Testing

extension OnTheSandbox {
    @Test(
        "a key archive on a full disk, on a read-only one, or in place of a file => refused, nothing touched",
        arguments: [
            ("mount -t tmpfs -o size=4k none \"$0\"; head -c 4096 /dev/zero > \"$0/other\"", "no space left on device"),
            ("mount -t tmpfs -o ro none \"$0\"", "read-only file system"),
            ("rmdir \"$0\"; touch \"$0\"", "not a directory"),
        ])
    func archiveThatCannotBeWritten(preparation: String, problem: String) async throws {
        try await Sandbox.ensureEncrypted()
        let before = try await Sandbox.fingerprint()
        let atrest = try AtRest()
        let archive = try await OperatorsArchive()
        try FileManager.default.createDirectory(atPath: archive.directory, withIntermediateDirectories: false)
        // What is mounted there ends with the run.
        let run = try await command(
            "unshare",
            ["--mount", "sh", "-euc", "\(preparation); exec \"$@\"", archive.directory, AtRest.binary]
                + AtRest.applying() + ["--rotate-encryption-key"] + archive.keeping, environment: atrest.environment)
        #expect(run.status == 4)
        #expect(run.errors.contains("the key archive at \"\(archive.directory)"), "\(run.errors)")
        #expect(run.errors.contains(problem), "\(run.errors)")
        #expect(try await Sandbox.fingerprint() == before)
    }
}
