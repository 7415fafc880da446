import ControlPlane
import Reconciliation
import Testing

@Suite struct DigestTests {
    @Test("known bytes => the SHA-256 that everybody computes")
    func known() throws {
        #expect(
            try sha256Hex([UInt8]()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            try sha256Hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try SecretBytes("abc".utf8).fingerprint().text == "ba7816bf8f01cfea")
    }

    @Test(
        "base64 of any length => the bytes; with line breaks too",
        arguments: [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\r\nYmE=\n", "fooba")])
    func base64(text: String, decoded: String) throws {
        let bytes = try #require(SecretBytes(base64: text.utf8))
        #expect(Sample.text(bytes) == decoded)
    }

    @Test("what is not base64 => nil", arguments: ["Zg", "Zg=", "=", "====", "Z=g=", "Zm9v!A==", "Zm 9v", "Zg==Zg=="])
    func notBase64(text: String) {
        #expect(SecretBytes(base64: text.utf8) == nil)
    }
}
