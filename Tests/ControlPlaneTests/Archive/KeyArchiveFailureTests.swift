import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct KeyArchiveFailureTests {
    @Test(
        "a file in place of the archive or of its cluster => refused, the path named",
        arguments: ["archive", "archive/prod"])
    func fileInPlaceOfDirectory(path: String) async throws {
        try await TestArchive.with { test in
            try await test.write("", to: "\(test.root)/\(path)")
            let error = try #require(throws: KeyArchiveError.self) { try test.keep(try material("k1")) }
            #expect("\(error)" == "the key archive at \"\(test.root)/\(path)\": not a directory")
            #expect(throws: error) { try test.archive.rehearse(cluster: "prod") }
        }
    }

    @Test("a directory whose parent is missing => refused")
    func noParent() async throws {
        try await TestArchive.with { test in
            let archive = KeyArchive(directory: "\(test.root)/no/where", recipients: try test.archive.recipients)
            let key = try material("k1")
            let error = try #require(throws: KeyArchiveError.self) {
                try archive.keep(key.keys, of: key, cluster: "prod", hosts: [], now: 0)
            }
            #expect("\(error)" == "the key archive at \"\(test.root)/no/where\": no such file or directory")
        }
    }

    @Test(
        "a symbolic link in place of a key's file or of a cluster's directory => refused, what it points to untouched")
    func symbolicLinks() async throws {
        try await TestArchive.with { test in
            try await shell(
                """
                cd \(test.root) && mkdir -m 700 elsewhere archive archive/prod
                ln -s ../../elsewhere/key archive/prod/k1.cms.pem && ln -s ../elsewhere archive/stage
                """)
            #expect(throws: KeyArchiveError.self) { try test.keep(try material("k1")) }
            #expect(throws: KeyArchiveError.self) { try test.keep(try material("k1"), cluster: "stage") }
            #expect(try await shell("ls -A \(test.root)/elsewhere") == "")
        }
    }

    @Test("a file that a killed run left half-written => left alone, the key kept beside it")
    func halfWritten() async throws {
        try await TestArchive.with { test in
            let path = try #require(try test.keep(try material("k1")).first).path
            try await shell("truncate -s -40 \(path)")
            let half = try await shell("sha256sum \(path)")
            let entry = try #require(try test.keep(try material("k1")).first)
            #expect(entry.isNew && entry.path != path)
            #expect(try await test.recipients[0].opening(entry.path).contains(Sample.secret))
            #expect(try await shell("sha256sum \(path)") == half)

            try await shell("truncate -s -40 '\(entry.path)'")
            let error = try #require(throws: KeyArchiveError.self) { try test.keep(try material("k1")) }
            #expect(error.path == entry.path)
            #expect("\(error)".contains("Move it away and run again"))
        }
    }

    @Test("something of the operator's own under a key's name => left alone, the key kept beside it")
    func occupied() async throws {
        try await TestArchive.with { test in
            let path = "\(test.directory)/prod/k1.cms.pem"
            try await test.write("my notes\n", to: path)
            let entry = try #require(try test.keep(try material("k1")).first)
            #expect(entry.isNew && entry.path != path)
            #expect(try await shell("cat \(path)") == "my notes\n")
        }
    }

    @Test("a full disk => refused, and no half of a file is left")
    func fullDisk() async throws {
        try await TestArchive.with { test in
            try await shell("mkdir \(test.directory) && mount -t tmpfs -o size=8k,mode=700 tmpfs \(test.directory)")
            do {
                try await shell("mkdir \(test.directory)/prod; cat /dev/zero > \(test.directory)/filler || true")
                let error = try #require(throws: KeyArchiveError.self) { try test.keep(try material("k1")) }
                #expect("\(error)".contains("no space left on device"))
                #expect(throws: KeyArchiveError.self) { try test.archive.rehearse(cluster: "prod") }
                #expect(try await shell("ls -A \(test.directory)/prod") == "")
            } catch {
                try await shell("umount \(test.directory)")
                throw error
            }
            try await shell("umount \(test.directory)")
        }
    }

    @Test("a key whose secret nobody has => refused by name")
    func missingSecret() async throws {
        try await TestArchive.with { test in
            let key = try #require(try material("k1").keys.first)
            #expect(throws: MissingSecret(key: key)) {
                try test.archive.keep([key], of: KeyMaterial(), cluster: "prod", hosts: [], now: 0)
            }
        }
    }
}
