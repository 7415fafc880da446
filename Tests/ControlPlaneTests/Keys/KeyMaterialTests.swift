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

    @Test("one name with two secrets on two hosts => a conflict that names the key and shows no secret")
    func sameName() throws {
        let material = try file(key(Sample.secret)).material.merging(try file(key(Sample.otherSecret)).material)
        let conflict = try #require(material.conflicts.first)
        #expect(material.conflicts.count == 1)
        #expect(conflict.first.name == "a")
        #expect(conflict.first != conflict.second)
        #expect(conflict.description.contains("\"aescbc:a\" stands for two different secrets"))
        #expect(!conflict.description.contains(Sample.secret))
    }

    @Test("the same key everywhere, or one name under two providers => no conflict")
    func noConflict() throws {
        var material = try file(key(Sample.secret)).material
        material.merge(try file(key(Sample.secret)).material)
        material.merge(try file(key(Sample.otherSecret, provider: "secretbox")).material)
        #expect(material.conflicts.isEmpty)
        #expect(material.keys.count == 2)
    }

    @Test("a KMS name with two endpoints => a conflict")
    func kmsEndpoints() throws {
        let first = try file("  - kms: {name: vault, endpoint: \"unix:///run/kms/a.sock\"}").material
        let second = try file("  - kms: {name: vault, endpoint: \"unix:///run/kms/b.sock\"}").material
        #expect(first.merging(second).conflicts.map(\.first.name) == ["vault"])
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
