import Reconciliation
import Testing

@testable import ControlPlane

@Suite struct ArchiveSecrecyTests {
    /// A secret in every form in which it might be found.
    private func forms(of secret: SecretBytes) async throws -> [[UInt8]] {
        let raw = secret.array
        let hexadecimal = raw.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let base64 = Array(Sample.secret.utf8)
        #expect(SecretBytes(base64: base64)?.array == raw)
        // Half of it is bad enough.
        return [raw, Array(hexadecimal.utf8), Array(hexadecimal.uppercased().utf8), base64].map {
            Array($0.prefix($0.count / 2))
        }
    }

    @Test("an archive and all that is said about it => no byte of a key, raw, hexadecimal or base64")
    func nothingLeaks() async throws {
        try await TestArchive.with([.rsa, .ellipticCurve]) { test in
            let kept = try material("k1")
            let secret = try #require(kept.secrets.values.first)
            let entries = try test.keep(kept)
            let file = try #require(try KeyArchive.files(in: test.directory).first)
            let opened = try file.open(with: try DecryptionKey(contentsOf: test.recipients[0].privateKey))
            try await shell("truncate -s -40 \(file.path)")
            let second = try test.keep(kept)
            try await shell("truncate -s -40 '\(second[0].path)'")
            let error = try #require(throws: KeyArchiveError.self) { try test.keep(kept) }

            var said = ""
            for value in [entries, second, file, opened, opened.label, opened.json(), kept, error] as [Any] {
                said += "\(value) \(String(reflecting: value))\n"
                dump(value, to: &said)
            }
            var places = [("what is said", Array(said.utf8))]
            for path in try await shell("find \(test.root) -type f").split(separator: "\n") {
                places.append((String(path), try SecretBytes.contents(of: String(path)).array))
            }
            #expect(places.count == 7)
            for form in try await forms(of: secret) {
                let found = places.filter { $0.1.contains(form) }.map(\.0)
                #expect(found == [])
            }
            // The search finds what there is to find.
            let plain = opened.json().array
            #expect(try await forms(of: secret).contains { plain.contains($0) })
        }
    }
}
