import Subprocess
import SystemPackage
import Testing

@Suite struct MemoryProtectionTests {
    /// The program beside the tests that were built with it.
    static let binary = FilePath(CommandLine.arguments[0]).removingLastComponent().appending("atrest").string

    @Test("atrest that reads its inputs => its core is never dumped, and no process of its user looks into its memory")
    func protected() async throws {
        // The manifest is a pipe: once it can be opened for writing, atrest has opened it and waits. A program's files in /proc
        // belong to its user, or to root where the kernel lets nobody else look into it.
        let result = try await run(
            .path("/bin/sh"),
            arguments: [
                "-c",
                """
                set -e
                directory=$(mktemp -d)
                trap 'rm -rf "$directory"' EXIT
                chmod 755 "$directory"
                mkfifo -m 644 "$directory/manifest"
                cp "$0" "$directory/atrest"
                setpriv --reuid 65534 --regid 65534 --clear-groups "$directory/atrest" validate -m "$directory/manifest" &
                exec 3>"$directory/manifest"
                sed -n 's/^Max core file size  *//p' "/proc/$!/limits"
                stat -c %u "/proc/$!/mem"
                exec 3>&-
                wait "$!" || :
                """, Self.binary,
            ], output: .string(limit: 1000), error: .string(limit: 10000))
        let lines = result.standardOutput.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines == [["0", "0", "bytes"], ["0"]], "\(result.standardError)")
    }
}
