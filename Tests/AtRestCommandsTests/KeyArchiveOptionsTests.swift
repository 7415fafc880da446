import ArgumentParser
import ControlPlane
import Foundation
import Manifest
import Testing

@testable import AtRestCommands

@Suite struct KeyArchiveOptionsTests {
    /// Valid for a hundred years; its private key was never kept.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBgDCCASWgAwIBAgIUIGUUCI68YwgN5ARoAyvtnTJBuLkwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJcmVjaXBpZW50MCAXDTI2MTEyMjAyMjYyNloYDzIxMjYxMDI5
        MDIyNjI2WjAUMRIwEAYDVQQDDAlyZWNpcGllbnQwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASNAP+pgvMsnHvTkExzgLPPJo9ki5ADI/n0CfeXjaAP9oyNrBxZQr+O
        mjHXUbTTkcNSTVUrCQKLBDMG490RqNsZo1MwUTAdBgNVHQ4EFgQUJwnt9M2gI7fo
        i8eC+bOmdZQqm18wHwYDVR0jBBgwFoAUJwnt9M2gI7foi8eC+bOmdZQqm18wDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA5uYfev7j+5XDOdIBSIM9
        0zOOUekehqokbvDK7S7o/zQCIQCn8YYSQ81sGla6lI2Af+v3Qz9SNjVjOm2kz389
        u4P7cg==
        -----END CERTIFICATE-----

        """

    /// 2027-01-15.
    static let now = 1_800_000_000

    /// A home directory with a recipient for each place that one can be named in.
    struct Home {
        let path = FileManager.default.temporaryDirectory.appending(path: "atrest-test-\(UUID().uuidString)").path

        init() throws {
            try FileManager.default.createDirectory(
                atPath: "\(path)/.config/atrest", withIntermediateDirectories: true)
            for name in ["flag", "environment", "file"] {
                try certificate.write(toFile: "\(path)/\(name).pem", atomically: false, encoding: .utf8)
            }
        }

        func configure(_ text: String) throws {
            try text.write(toFile: "\(path)/.config/atrest/config.yaml", atomically: false, encoding: .utf8)
        }

        func archive(_ arguments: [String], _ environment: [String: String] = [:]) throws -> KeyArchive? {
            let options = try KeyArchiveOptions.parse(arguments)
            return try options.archive(environment: environment.merging(["HOME": path]) { $1 }, now: now)
        }

        func remove() { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test("flag, environment and file => each setting from the first that has it")
    func precedence() throws {
        let home = try Home()
        defer { home.remove() }
        #expect(try home.archive([]) == nil)
        try home.configure("keyArchive: ~/file\nkeyArchiveRecipients: [~/file.pem]\n")
        let environment = [
            "ATREST_KEY_ARCHIVE": "/environment",
            "ATREST_KEY_ARCHIVE_RECIPIENT": "\(home.path)/environment.pem:\(home.path)/file.pem",
        ]
        let flags = ["--key-archive", "/flag", "--key-archive-recipient", "\(home.path)/flag.pem"]

        let file = try #require(try home.archive([]))
        #expect(file.directory == "\(home.path)/file")
        #expect(file.recipients.map(\.file) == ["\(home.path)/file.pem"])

        let fromEnvironment = try #require(try home.archive([], environment))
        #expect(fromEnvironment.directory == "/environment")
        #expect(fromEnvironment.recipients.map(\.file) == ["\(home.path)/environment.pem", "\(home.path)/file.pem"])

        let flagged = try #require(try home.archive(flags, environment))
        #expect(flagged.directory == "/flag")
        #expect(flagged.recipients.map(\.file) == ["\(home.path)/flag.pem"])

        let mixed = try #require(try home.archive(Array(flags.prefix(2)), ["ATREST_KEY_ARCHIVE": ""]))
        #expect(mixed.directory == "/flag")
        #expect(mixed.recipients.map(\.file) == ["\(home.path)/file.pem"])
    }

    @Test("an archive without a recipient, or a recipient without an archive => wrong usage that says what to add")
    func half() throws {
        let home = try Home()
        defer { home.remove() }
        let noRecipient = try #require(throws: ValidationError.self) { try home.archive(["--key-archive", "/k"]) }
        #expect(noRecipient.message.contains("add --key-archive-recipient CERT.pem"))
        let noDirectory = try #require(throws: ValidationError.self) {
            try home.archive([], ["ATREST_KEY_ARCHIVE_RECIPIENT": "/r.pem"])
        }
        #expect(noDirectory.message.contains("/r.pem, and no directory: add --key-archive DIR"))
        #expect(throws: ValidationError.self) {
            try home.archive(["--key-archive", "", "--key-archive-recipient", "\(home.path)/flag.pem"])
        }
        #expect(KeyArchiveOptions.exitCode(for: noRecipient).rawValue == 64)
    }

    @Test("a recipient or a configuration file that is wrong => refused, though flags say everything")
    func wrong() throws {
        let home = try Home()
        defer { home.remove() }
        #expect(throws: UnsuitableRecipient.self) {
            try home.archive(["--key-archive", "/k", "--key-archive-recipient", "\(home.path)/none.pem"])
        }
        try home.configure("keyArchives: /k\n")
        let error = try #require(throws: InputError.self) {
            try home.archive(["--key-archive", "/k", "--key-archive-recipient", "\(home.path)/flag.pem"])
        }
        #expect("\(error)".hasPrefix("\(home.path)/.config/atrest/config.yaml:1:1: "))
    }
}
