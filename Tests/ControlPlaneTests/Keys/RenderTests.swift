import ControlPlane
import Reconciliation
import Testing

@Suite struct RenderTests {
    private func parse(_ text: String) throws -> EncryptionConfigurationFile {
        try EncryptionConfigurationFile(text: text, label: "test")
    }

    @Test("a managed configuration => the reference's text")
    func managed() throws {
        let file = try parse(Sample.managed)
        let rendered = try EncryptionConfigurationFile.render(file.configuration, file.material)
        #expect(Sample.text(rendered) == Sample.managed)
    }

    @Test("a rotation's middle round => both keys in one block, the new one where it was asked for")
    func rotation() throws {
        let old = try parse(Sample.managed)
        let (fresh, material) = try KeyGenerator.makeKey(provider: .aescbc, now: 1_769_903_999, existing: [])
        let keys = [fresh] + old.configuration.entries[0].keys
        let wanted = EncryptionConfiguration(entries: [.init(resources: [.secrets], keys: keys)])
        let text = Sample.text(try EncryptionConfigurationFile.render(wanted, old.material.merging(material)))
        #expect(text.ranges(of: "aescbc:").count == 1)
        #expect(text.ranges(of: "secret: ").count == 2)
        #expect(try parse(text).configuration == wanted)
    }

    @Test("everything a file may hold => the same configuration and options when read again, the same bytes each time")
    func roundTrip() throws {
        let text = """
            apiVersion: apiserver.config.k8s.io/v1
            kind: EncryptionConfiguration
            resources:
            - resources: [secrets, configmaps, deployments.apps, '*.*']
              providers:
              - aesgcm:
                  keys:
                  - {name: "0123", secret: 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0'}
                  - {name: "it's: \\"odd\\" \\u00e4\\n", secret: MTIzNDU2Nzg5MDEyMzQ1Ng==}
              - identity: {}
              - aesgcm: {keys: [{name: last, secret: MTIzNDU2Nzg5MDEyMzQ1Ng==}]}
              - kms: {name: "true", endpoint: "unix:///run/a b/s.sock", timeout: 1m30s, cachesize: -1}
            - resources: [events]
              providers:
              - kms: {apiVersion: v2, name: two, endpoint: unix:///run/two/two.sock}
              - secretbox: {keys: [{name: box, secret: \(Sample.otherSecret)}]}

            """
        let file = try parse(text)
        let rendered = try EncryptionConfigurationFile.render(file.configuration, file.material)
        let again = try EncryptionConfigurationFile(rendered, label: "again")
        #expect(again.configuration == file.configuration)
        #expect(again.material.kmsOptions == file.material.kmsOptions)
        #expect(
            Sample.text(try EncryptionConfigurationFile.render(again.configuration, again.material))
                == Sample.text(rendered))
    }

    @Test("a secret that nobody has => an error that names the key")
    func missing() throws {
        let file = try parse(Sample.managed)
        let error = #expect(throws: MissingSecret.self) {
            try EncryptionConfigurationFile.render(file.configuration, KeyMaterial())
        }
        #expect(error?.key == file.configuration.entries[0].keys[0])
        #expect(error?.description.contains("\"aescbc:kubeone-xkau31\" is on no host") == true)
    }
}
