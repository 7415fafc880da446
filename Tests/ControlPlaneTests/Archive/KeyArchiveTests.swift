import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct KeyArchiveTests {
    @Test("an archived key => the openssl program alone opens it", arguments: Recipient.Kind.allCases)
    func openssl(kind: Recipient.Kind) async throws {
        try await TestArchive.with([kind]) { test in
            let entries = try test.keep(try material("kubeone-xkau31"))
            #expect(entries.map(\.path) == ["\(test.directory)/prod/kubeone-xkau31.cms.pem"])
            #expect(entries.map(\.isNew) == [true])
            #expect(
                try await test.recipients[0].opening(entries[0].path) == """
                    {"name":"kubeone-xkau31","provider":"aescbc","secret":"\(Sample.secret)","cluster":"prod",\
                    "hosts":["cp1","cp2"],"date":"2026-01-31T23:59:59Z"}

                    """)
            let structure = try await shell("openssl cms -cmsout -print -inform PEM -in \(entries[0].path)")
            #expect(structure.contains("contentType: pkcs7-envelopedData"))
            #expect(structure.contains("algorithm: aes-256-cbc"))
        }
    }

    @Test("two recipients => each opens it alone, nobody else does")
    func twoRecipients() async throws {
        try await TestArchive.with([.rsa, .ellipticCurve]) { test in
            let path = try #require(try test.keep(try material("k1")).first).path
            for recipient in test.recipients {
                #expect(try await recipient.opening(path).contains(Sample.secret))
            }
            for kind in Recipient.Kind.allCases {
                let stranger = try await Recipient("stranger", kind, in: test.root)
                let output = try await shell(
                    "openssl cms -decrypt -inform PEM -in \(path) -inkey \(stranger.privateKey) 2>&1 | base64 || true")
                #expect(!(output.contains(Sample.secret)))
                let file = try #require(try KeyArchive.files(in: test.directory).first)
                let key = try DecryptionKey(contentsOf: stranger.privateKey)
                #expect(throws: CannotOpenArchivedKey.self) { _ = try file.open(with: key) }
            }
        }
    }

    @Test("what the archive makes => directories 0700, files 0600, nothing else")
    func modes() async throws {
        try await TestArchive.with { test in
            try test.keep(try material("k1"))
            #expect(
                try await shell("cd \(test.directory) && find . -printf '%M %p\\n' | sort") == """
                    -rw------- ./prod/k1.cms.pem
                    drwx------ .
                    drwx------ ./prod

                    """)
        }
    }

    @Test("a rehearsal => the directories, and nothing in them")
    func rehearsal() async throws {
        try await TestArchive.with { test in
            try test.archive.rehearse(cluster: "prod")
            try test.archive.rehearse(cluster: "prod")
            #expect(
                try await shell("cd \(test.directory) && find . -printf '%M %p\\n' | sort") == """
                    drwx------ .
                    drwx------ ./prod

                    """)
        }
    }

    @Test("a key that is there already => its file stays as it is, byte for byte and to the mtime")
    func again() async throws {
        try await TestArchive.with { test in
            try test.keep(try material("k1"))
            let look = "cd \(test.directory) && find . -printf '%p %i %T@\\n' | sort && sha256sum prod/*"
            let before = try await shell(look)
            let entries = try test.keep(try material("k1"))
            #expect(entries.map(\.isNew) == [false])
            #expect(try await shell(look) == before)
        }
    }

    @Test("keys that are no longer given => their files stay")
    func retired() async throws {
        try await TestArchive.with { test in
            try test.keep(try material("old"))
            try test.keep(try material("new", Sample.otherSecret))
            #expect(try KeyArchive.files(in: test.directory).map(\.name) == ["new", "old"])
        }
    }

    @Test("another secret or provider under the same name => a file of its own beside the first, found again")
    func sameName() async throws {
        try await TestArchive.with { test in
            let keys = [
                try material("key1"), try material("key1", Sample.otherSecret),
                try material("key1", Sample.secret, .secretbox),
            ]
            for key in keys { #expect(try test.keep(key).map(\.isNew) == [true]) }
            for key in keys { #expect(try test.keep(key).map(\.isNew) == [false]) }
            let privateKey = try DecryptionKey(contentsOf: test.recipients[0].privateKey)
            let files = try KeyArchive.files(in: test.directory)
            #expect(files.count == 3)
            #expect(files.allSatisfy { $0.name == "key1" })
            let opened = try files.map { try $0.open(with: privateKey).label.key }
            #expect(opened.sorted() == keys.flatMap(\.keys).sorted())
        }
    }

    @Test("names that are made to climb or to clash => each its own file in the cluster's directory")
    func hostileNames() async throws {
        try await TestArchive.with { test in
            let names = [
                "../../up", "..", "a/b", "a%2Fb", "-rf", ".hidden", "a\nb", "ä", "a@aescbc-0123456789abcdef", "a",
            ]
            for name in names { #expect(try test.keep(try material(name), cluster: "../k").map(\.isNew) == [true]) }
            #expect(try await shell("ls -A \(test.root)") == "archive\nr0.crt\nr0.key\n")
            #expect(try await shell("ls -A \(test.directory)") == "%2E.%2Fk\n")
            let files = try KeyArchive.files(in: test.directory)
            #expect(Set(files.map(\.name)) == Set(names))
            #expect(files.allSatisfy { $0.cluster == "../k" && $0.label?.name == $0.name })
        }
    }

    @Test("a KMS key and plain text => nothing is kept, and no directory made")
    func withoutSecret() async throws {
        try await TestArchive.with { test in
            let kms = Key.kms(version: .v2, name: "vault", endpoint: "unix:///run/kms.sock")
            let entries = try test.archive.keep(
                [.identity, kms], of: KeyMaterial(), cluster: "prod", hosts: [], now: TestArchive.now)
            #expect(entries.isEmpty)
            #expect(try await shell("ls \(test.root)") == "r0.crt\nr0.key\n")
        }
    }
}
