import Reconciliation
import Testing

@testable import ControlPlane

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ArchivedKeysTests {
    private static let otherSecret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    private func keys(_ test: TestArchive, cluster: String = "prod") throws -> ArchivedKeys {
        try ArchivedKeys(
            of: cluster, in: test.directory, privateKey: try DecryptionKey(contentsOf: test.recipients[0].privateKey))
    }

    private func form(_ name: String, _ provider: LocalProvider = .aescbc) -> StoredForm {
        .encrypted(scheme: "\(provider.rawValue):v1", name: name)
    }

    @Test("a form that objects are stored under => its key, secret and file; no other file is opened")
    func needed() async throws {
        try await TestArchive.with { test in
            let wanted = try material("k1")
            try test.keep(wanted)
            try test.keep(try material("k2"))
            try test.keep(try material("k1", Self.otherSecret, .secretbox))
            try test.keep(try material("k1", Self.otherSecret), cluster: "stage")
            // Whoever opened these would say that the private key does not fit.
            let stranger = try await Recipient("stranger", in: test.root)
            try await shell(
                """
                cd \(test.directory)/prod && for file in k2.cms.pem k1@secretbox*; do
                    sed -n '/^-----BEGIN/q;p' "$file" > ../../new
                    printf x | openssl cms -encrypt -binary -aes-256-cbc -outform PEM \(stranger.certificate) >> ../../new
                    cat ../../new > "$file"
                done
                """)
            let keys = try keys(test)
            let found = try keys.keys(for: form("k1"))
            #expect(found.map(\.path) == ["\(test.directory)/prod/k1.cms.pem"])
            #expect(found.map(\.key.material.keys) == [wanted.keys])
            #expect(found.first?.key.secret.array == wanted.secrets.values.first?.array)
            #expect(try keys.keys(for: form("k3")).isEmpty)
            #expect(throws: CannotOpenArchivedKey.self) { try keys.keys(for: form("k2")) }
        }
    }

    @Test("different keys of one name => all of them; the same key twice, or half a file => one")
    func several() async throws {
        try await TestArchive.with { test in
            let first = try #require(try test.keep(try material("k1")).first).path
            try await shell("cp \(first) \(test.directory)/prod/copy.cms.pem")
            #expect(try keys(test).keys(for: form("k1")).count == 1)
            let second = try #require(try test.keep(try material("k1", Self.otherSecret)).first).path
            #expect(try keys(test).keys(for: form("k1")).map(\.path).contains(second))
            #expect(try keys(test).keys(for: form("k1")).count == 2)
            try await shell("truncate -s -40 \(first) \(test.directory)/prod/copy.cms.pem")
            #expect(try keys(test).keys(for: form("k1")).map(\.path) == [second])
        }
    }

    @Test("a file without first lines => found by its name")
    func encryptedAnew() async throws {
        try await TestArchive.with { test in
            let path = try #require(try test.keep(try material("k1")).first).path
            try await shell("sed -i -n '/^-----BEGIN/,$p' \(path)")
            #expect(try keys(test).keys(for: form("k1")).map(\.path) == [path])
            #expect(try keys(test).keys(for: form("k2")).isEmpty)
            #expect(try keys(test).keys(for: form("k1", .secretbox)).isEmpty)
        }
    }

    @Test("an archive without this cluster, or a cluster's own directory => what is there instead")
    func otherDirectory() async throws {
        try await TestArchive.with { test in
            try test.keep(try material("k1"), cluster: "stage")
            let other = try #require(throws: NoKeysOfCluster.self) { _ = try keys(test) }
            #expect("\(other)".contains("no directory of the cluster \"prod\": it has keys of \"stage\". "))
            let key = try DecryptionKey(contentsOf: test.recipients[0].privateKey)
            let itself = try #require(throws: NoKeysOfCluster.self) {
                _ = try ArchivedKeys(of: "stage", in: "\(test.directory)/stage", privateKey: key)
            }
            #expect("\(itself)".contains("it holds keys itself"))
            #expect("\(itself)".contains("Give the directory above it"))
        }
    }

    @Test("a private key with a passphrase, and nobody to ask => said, and not taken from standard input")
    func passphrase() async throws {
        try await TestArchive.with { test in
            let encrypted = "\(test.root)/encrypted.key"
            let key = test.recipients[0].privateKey
            try await shell("openssl pkey -in \(key) -aes256 -passout pass:word -out \(encrypted)")
            await #expect(processExitsWith: .success) { [encrypted = encrypted as String] in
                // No terminal belongs to a session of its own.
                setsid()
                let error = try #require(throws: UnusableDecryptionKey.self) {
                    _ = try DecryptionKey(contentsOf: encrypted)
                }
                #expect("\(error)".contains("has a passphrase, and there is no terminal to ask for it on"))
            }
        }
    }
}
