import Reconciliation
import Testing

@testable import ControlPlane

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A key pair that the openssl program made, and its certificate.
struct Recipient: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case rsa = "-newkey rsa:2048"
        case ellipticCurve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256"
    }

    let certificate: String
    let privateKey: String

    /// Makes one in a directory; `options` are further ones of `openssl req`.
    init(_ name: String, _ kind: Kind = .rsa, options: String = "", in directory: String) async throws {
        try await self.init(name, newKey: kind.rawValue, options: options, in: directory)
    }

    init(_ name: String, newKey: String, options: String = "", in directory: String) async throws {
        certificate = "\(directory)/\(name).crt"
        privateKey = "\(directory)/\(name).key"
        try await shell(
            """
            openssl req -x509 \(newKey) -nodes -subj /CN=\(name) -days 30 \(options) \
            -keyout \(privateKey) -out \(certificate)
            """)
    }

    /// What the openssl program makes of a file of the archive.
    func opening(_ path: String) async throws -> String {
        try await shell("openssl cms -decrypt -inform PEM -in '\(path)' -inkey \(privateKey)")
    }
}

/// An archive in a directory of its own, for recipients that were made for it.
struct TestArchive: Sendable {
    /// 2026-01-31 23:59:59 UTC.
    static let now = 1_769_903_999

    let root: String
    let recipients: [Recipient]

    var directory: String { "\(root)/archive" }

    var archive: KeyArchive {
        get throws {
            KeyArchive(
                directory: directory,
                recipients: try recipients.map {
                    try ArchiveRecipient(contentsOf: $0.certificate, now: secondsSince1970())
                })
        }
    }

    static func with<Value: Sendable>(
        _ kinds: [Recipient.Kind] = [.ellipticCurve], _ body: (TestArchive) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryDirectory { root in
            var recipients: [Recipient] = []
            for (index, kind) in kinds.enumerated() {
                recipients.append(try await Recipient("r\(index)", kind, in: root))
            }
            return try await body(TestArchive(root: root, recipients: recipients))
        }
    }

    @discardableResult
    func keep(_ material: KeyMaterial, cluster: String = "prod") throws -> [KeyArchive.Entry] {
        try archive.keep(
            material.keys, of: material, cluster: cluster, hosts: [HostName("cp1"), HostName("cp2")], now: Self.now)
    }

    func write(_ text: String, to path: String) async throws {
        try await shell("mkdir -p -m 700 \"$(dirname '\(path)')\"")
        try ControlPlaneTests.write(text, to: path)
    }
}

/// Keys whose secrets a test knows.
func material(_ name: String, _ secret: String = Sample.secret, _ provider: LocalProvider = .aescbc) throws
    -> KeyMaterial
{
    let bytes = try #require(SecretBytes(base64: secret.utf8))
    return KeyMaterial(
        secrets: [.local(provider: provider, name: name, fingerprint: try bytes.fingerprint()): bytes])
}

/// Now, as the certificates that are made here see it.
func secondsSince1970() -> Int { time(nil) }
