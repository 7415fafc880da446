import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct KeyArchiveReadTests {
    @Test(
        "what was kept => read back with its secret, whatever its name and length",
        arguments: [
            ("k1", "6utsip/8CJ1GFQpM6iWq4oL2z2g8tJ5UkGbIgkSWAAc=", LocalProvider.aescbc),
            (#"a "secret":"b" \ c"#, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", .aesgcm),
            ("secret", "AAECAwQFBgcICQoLDA0ODw==", .aescbc),
        ])
    func roundTrip(name: String, secret: String, provider: LocalProvider) async throws {
        try await TestArchive.with([.ellipticCurve]) { test in
            let kept = try material(name, secret, provider)
            try test.keep(kept)
            let file = try #require(try KeyArchive.files(in: test.directory).first)
            let opened = try file.open(with: try DecryptionKey(contentsOf: test.recipients[0].privateKey))
            #expect(opened.material.keys == kept.keys)
            #expect(opened.secret.array == SecretBytes(base64: secret.utf8)?.array)
            #expect(opened.hosts.map(\.text) == ["cp1", "cp2"])
            #expect(opened.label.cluster == "prod")
            #expect(opened.label.date == "2026-01-31T23:59:59Z")
        }
    }

    @Test("other files beside the keys => passed over")
    func otherFiles() async throws {
        try await TestArchive.with { test in
            try test.keep(try material("k1"))
            try await shell(
                """
                cd \(test.directory) && mkdir .git prod/old.cms.pem && touch README .git/x.cms.pem prod/notes.txt && \
                ln -s prod other
                """)
            #expect(try KeyArchive.files(in: test.directory).map(\.path) == ["\(test.directory)/prod/k1.cms.pem"])
        }
    }

    @Test("a file that the operator encrypted anew, without first lines => listed by its name, opened as before")
    func encryptedAnew() async throws {
        try await TestArchive.with { test in
            let path = try #require(try test.keep(try material("k1")).first).path
            let next = try await Recipient("next", .rsa, in: test.root)
            try await shell(
                """
                cd \(test.root) && openssl cms -decrypt -inform PEM -in \(path) -inkey r0.key \
                | openssl cms -encrypt -binary -aes-256-cbc -outform PEM -out new.pem next.crt && mv new.pem \(path)
                """)
            let file = try #require(try KeyArchive.files(in: test.directory).first)
            #expect(file.label == nil)
            #expect((file.cluster, file.name) == ("prod", "k1"))
            let opened = try file.open(with: try DecryptionKey(contentsOf: next.privateKey))
            #expect(opened.material.keys == (try material("k1").keys))
        }
    }

    @Test("first lines that name another key than the file holds => refused")
    func wrongLabel() async throws {
        try await TestArchive.with { test in
            let path = try #require(try test.keep(try material("k1")).first).path
            try await shell("sed -i 's/^Key: k1$/Key: k2/' \(path)")
            let file = try #require(try KeyArchive.files(in: test.directory).first)
            let key = try DecryptionKey(contentsOf: test.recipients[0].privateKey)
            let error = try #require(throws: CannotOpenArchivedKey.self) { _ = try file.open(with: key) }
            #expect("\(error)" == "\(path): what is in it is not the key that its first lines name")
        }
    }

    @Test("no archive there, or no private key in the file => an error that names it")
    func missing() async throws {
        try await TestArchive.with { test in
            #expect(throws: KeyArchiveError.self) { try KeyArchive.files(in: "\(test.root)/none") }
            #expect(throws: UnusableDecryptionKey.self) {
                _ = try DecryptionKey(contentsOf: test.recipients[0].certificate)
            }
            #expect(throws: UnusableDecryptionKey.self) { _ = try DecryptionKey(contentsOf: "\(test.root)/none") }
        }
    }
}
