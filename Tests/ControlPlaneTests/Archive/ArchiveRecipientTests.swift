import Testing

@testable import ControlPlane

@Suite struct ArchiveRecipientTests {
    private func problem(with recipient: Recipient, now: Int? = nil) throws -> String? {
        let now = now ?? secondsSince1970()
        do {
            _ = try ArchiveRecipient(contentsOf: recipient.certificate, now: now)
            return nil
        } catch {
            #expect(error.description == "the key archive's recipient \"\(recipient.certificate)\" \(error.problem)")
            return error.problem
        }
    }

    @Test(
        "the use that encryption needs, or no keyUsage at all => taken",
        arguments: [
            (Recipient.Kind.rsa, ""), (.rsa, "-addext keyUsage=critical,keyEncipherment,digitalSignature"),
            (.ellipticCurve, ""), (.ellipticCurve, "-addext keyUsage=critical,keyAgreement"),
        ])
    func suitable(kind: Recipient.Kind, options: String) async throws {
        try await withTemporaryDirectory { directory in
            let recipient = try await Recipient("r", kind, options: options, in: directory)
            #expect(try problem(with: recipient) == nil)
        }
    }

    @Test(
        "a certificate for other uses => refused, the missing use named",
        arguments: [
            (Recipient.Kind.rsa, "digitalSignature", "keyEncipherment"), (.rsa, "keyAgreement", "keyEncipherment"),
            (.ellipticCurve, "keyEncipherment", "keyAgreement"),
        ])
    func otherUse(kind: Recipient.Kind, usage: String, missing: String) async throws {
        try await withTemporaryDirectory { directory in
            let recipient = try await Recipient("r", kind, options: "-addext keyUsage=\(usage)", in: directory)
            #expect(try problem(with: recipient) == "is not for encryption: its keyUsage has no \(missing)")
        }
    }

    @Test("a certificate after and before its time => refused with the date")
    func time() async throws {
        try await withTemporaryDirectory { directory in
            let recipient = try await Recipient("r", .ellipticCurve, in: directory)
            let now = secondsSince1970()
            let dates = try await shell("openssl x509 -noout -dates -dateopt iso_8601 -in \(recipient.certificate)")
                .split(separator: "\n").map { $0.drop { $0 != "=" }.dropFirst().replacing(" ", with: "T") }
            #expect(
                try problem(with: recipient, now: now + 31 * 86_400)
                    == "has expired at \(dates[1]); give a newer one")
            #expect(try problem(with: recipient, now: now - 86_400) == "is not valid before \(dates[0])")
        }
    }

    @Test(
        "a key that is too short or of another kind => refused",
        arguments: [
            ("-newkey rsa:1024", "has an RSA key of 1024 bits; at least 2048 are needed"),
            ("-newkey ed25519", "has neither an RSA nor an EC key"),
        ])
    func otherKey(newKey: String, expected: String) async throws {
        try await withTemporaryDirectory { directory in
            let recipient = try await Recipient("r", newKey: newKey, in: directory)
            #expect(try problem(with: recipient) == expected)
        }
    }

    @Test("a private key, several certificates, or no file => refused")
    func otherFiles() async throws {
        try await withTemporaryDirectory { directory in
            let recipient = try await Recipient("r", .ellipticCurve, in: directory)
            try await shell("cd \(directory) && cat r.crt r.crt > two.crt")
            func problem(_ name: String) throws -> String {
                try #require(throws: UnsuitableRecipient.self) {
                    try ArchiveRecipient(contentsOf: "\(directory)/\(name)", now: secondsSince1970())
                }.problem
            }
            #expect(recipient.privateKey == "\(directory)/r.key")
            #expect(try problem("r.key") == "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")
            #expect(try problem("two.crt") == "holds 2 certificates; give each recipient's own in a file of its own")
            #expect(try problem("none.crt") == "cannot be read: no such file or directory")
            #expect(try problem("") == "cannot be read: is a directory")
        }
    }
}
