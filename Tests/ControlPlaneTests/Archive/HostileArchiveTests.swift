import Reconciliation
import Testing

@testable import ControlPlane

/// A directory of archived keys that somebody else filled.
@Suite(.timeLimit(.minutes(1))) struct HostileArchiveTests {
    @Test(
        "something else than a small file of ours in the archive => an error that names it, at once",
        arguments: [
            ("mkfifo prod/k2.cms.pem", nil), ("ln -s /etc/passwd prod/k2.cms.pem", "prod/k2.cms.pem"),
            ("ln -s k2.cms.pem prod/k2.cms.pem", "prod/k2.cms.pem"),
            ("truncate -s 1G prod/k2.cms.pem", "prod/k2.cms.pem"),
            ("ln -s /dev/zero prod/k2.cms.pem", "prod/k2.cms.pem"),
            ("mknod prod/k2.cms.pem c 1 5", "prod/k2.cms.pem"),
        ] as [(String, String?)])
    func files(command: String, culprit: String?) async throws {
        try await TestArchive.with { test in
            try test.keep(try material("k1"))
            try await shell("cd \(test.directory) && \(command)")
            let key = try DecryptionKey(contentsOf: test.recipients[0].privateKey)
            guard let culprit else {
                // A pipe without a writer is an empty file.
                let file = try #require(try KeyArchive.files(in: test.directory).first { $0.name == "k2" })
                #expect(throws: CannotOpenArchivedKey.self) { _ = try file.open(with: key) }
                return
            }
            let error = try #require(throws: KeyArchiveError.self) {
                _ = try ArchivedKeys(of: "prod", in: test.directory, privateKey: key)
            }
            #expect(error.path == "\(test.directory)/\(culprit)")
        }
    }

    @Test("names of files and directories that would lead elsewhere => no keys of ours")
    func names() async throws {
        try await TestArchive.with { test in
            let path = try #require(try test.keep(try material("k1")).first).path
            try await shell(
                #"""
                cd \#(test.directory) && mkdir '%2E%2E' '..x' '%2e%2e' "$(printf 'a\nb')" && for name in '%2E%2e%2Fk' '..%2F..%2Fk' \
                "$(printf 'k\033[2J')" '%' 'k%00' '%FF'; do cp \#(path) "prod/$name.cms.pem"; done
                """#)
            let files = try KeyArchive.files(in: test.directory)
            #expect(Set(files.map(\.name)) == ["k1", "", "k\0"])
            #expect(Set(files.map(\.cluster)) == ["prod"])
        }
    }

    @Test("a name of a key or a cluster that is a path => one file in the archive, read back under its name")
    func paths() async throws {
        try await TestArchive.with { test in
            let name = "../../../etc/cron.d/x\n\u{1B}[2J\0"
            let entries = try test.keep(try material(name), cluster: "../..")
            let path = try #require(entries.first).path
            #expect(path.hasPrefix("\(test.directory)/%2E.%2F../%2E."), "\(path)")
            #expect(path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            #expect(try await shell("cd \(test.root) && find . -name '*.pem' -path './*/*/*' | wc -l") == "1\n")
            let file = try #require(try KeyArchive.files(in: test.directory).first)
            #expect((file.name, file.cluster) == (name, "../.."))
        }
    }
}
