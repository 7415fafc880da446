import ControlPlane
import Reconciliation
import Testing

@Suite struct KeyMaterialTests {
    private func file(_ providers: String) throws -> EncryptionConfigurationFile {
        try EncryptionConfigurationFile(text: Sample.file(providers), label: "test")
    }

    private func key(_ secret: String, provider: String = "aescbc", name: String = "a") -> String {
        "  - \(provider): {keys: [{name: \(name), secret: \(secret)}]}"
    }

    @Test("the same key in two files => once; two secrets under one name => both, told apart by fingerprint")
    func merging() throws {
        var material = try file(key(Sample.secret)).material
        material.merge(try file(key(Sample.secret)).material)
        #expect(material.keys.count == 1)
        material.merge(try file(key(Sample.otherSecret)).material)
        #expect(material.keys.map(\.name) == ["a", "a"])
        #expect(Set(material.keys).count == 2)
    }

    @Test("material printed in any way => names, never a secret")
    func redacted() throws {
        let file = try file(key(Sample.secret))
        var dumped = ""
        dump(file, to: &dumped)
        dump(file.material, to: &dumped)
        for text in ["\(file)", "\(file.material)", String(reflecting: file.material), dumped] {
            #expect(text.contains("aescbc:a"))
            #expect(!text.contains(Sample.secret))
            #expect(!text.contains("235, 107"))
        }
    }
}
