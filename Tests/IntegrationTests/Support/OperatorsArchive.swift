import FoundationEssentials

/// An operator's key archive, and the one recipient that can open it; both as files of this machine.
struct OperatorsArchive: Sendable {
    let directory: String
    /// The recipient's certificate and private key.
    let certificate: String
    let privateKey: String

    private init(directory: String, certificate: String, privateKey: String) {
        self.directory = directory
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// In a directory of its own, or in one where it may be already.
    init(in home: String? = nil) async throws {
        let home = try home ?? makeTemporaryDirectory("archive")
        directory = home + "/keys"
        certificate = home + "/recipient.crt"
        privateKey = home + "/recipient.key"
        guard !FileManager.default.fileExists(atPath: certificate) else { return }
        _ = try await command(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=archive",
                "-keyout", privateKey, "-out", certificate,
            ]
        ).checked("openssl req")
    }

    /// Another archive for the same recipient, in which a key of that name has another secret.
    func withAnotherSecret(of key: String) async throws -> OperatorsArchive {
        let other = OperatorsArchive(
            directory: directory + "-other", certificate: certificate, privateKey: privateKey)
        _ = try await command(
            "sh",
            [
                "-euc",
                """
                mkdir -p -m 700 "$(dirname "$2")"
                secret=$(head -c 32 /dev/urandom | base64)
                openssl cms -decrypt -inform PEM -in "$1" -inkey "$3" | sed 's,"secret":"[^"]*","secret":"'"$secret"'",' \
                | openssl cms -encrypt -binary -aes-256-cbc -outform PEM -out "$2" "$4"
                """, "sh", file(of: key), other.file(of: key), privateKey, certificate,
            ]
        ).checked("an archive with another secret")
        return other
    }

    /// The flags of a run that keeps keys in it.
    var keeping: [String] {
        ["--key-archive", directory, "--key-archive-recipient", certificate]
    }

    /// The flags of a run that takes keys from it.
    var reading: [String] { ["--with-archived-keys", directory, "--key-archive-key", privateKey] }

    func file(of key: String) -> String { "\(directory)/sandbox/\(key).cms.pem" }

    /// Whether a file holds this base64 secret, by the openssl program alone; it goes through no argument and no message.
    func holds(_ secret: String, in file: String) async throws -> Bool {
        let opened = try await command(
            "openssl", ["cms", "-decrypt", "-inform", "PEM", "-in", file, "-inkey", privateKey]
        ).checked("openssl cms")
        return opened.contains(#""secret":"\#(secret)""#)
    }
}
