import ControlPlane
import Testing

private let path = "/etc/kubernetes/encryption-providers/encryption-providers.yaml"
private let digest = "0e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"
private let otherDigest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

@Suite struct StaticPodPatchTests {
    private func manifest(_ text: String) throws -> StaticPodManifest {
        try StaticPodManifest(text, file: "cp1:kube-apiserver.yaml")
    }

    private func patched(
        _ text: String, digest: String = digest, sockets: [KMSSocket] = [], restart: String? = nil
    ) throws -> String {
        try manifest(text).patched(
            encryptionConfigurationPath: path, digest: digest, kmsSockets: sockets, restart: restart)
    }

    @Test("kubeadm's manifest => exactly these lines more")
    func golden() throws {
        let patched = try patched(ManifestVariant.kubeadm)
        let added = lines(of: patched, notIn: ManifestVariant.kubeadm)
        #expect(
            added == [
                "    atrest.dev/encryption-config-sha256: \"\(digest)\"",
                "    - --encryption-provider-config=\(path)",
                "    - mountPath: /etc/kubernetes/encryption-providers",
                "      name: encryption-providers-conf",
                "      readOnly: true",
                "  - hostPath:",
                "      path: /etc/kubernetes/encryption-providers",
                "      type: DirectoryOrCreate",
                "    name: encryption-providers-conf",
            ])
    }

    @Test("any manifest => the flag, the mount and the digest are there", arguments: ManifestVariant.all)
    func effect(variant: ManifestVariant) throws {
        let before = try manifest(variant.text)
        let after = try manifest(try patched(variant.text, sockets: [.path("/run/kms/kms.sock")], restart: "n1"))
        #expect(after.encryptionConfiguration?.path == path)
        #expect(after.encryptionConfiguration?.hostPath == path)
        #expect(after.hostPath(of: "/run/kms/kms.sock") == "/run/kms/kms.sock")
        #expect(after.configurationDigest == digest)
        #expect(after.annotation("atrest.dev/restart") == "n1")
        #expect(
            after.flags.flags.filter { $0.name != "encryption-provider-config" }.map(\.value)
                == before.flags.flags.map(\.value))
    }

    @Test("any manifest => every byte of it is still there, in order", arguments: ManifestVariant.all)
    func nothingLost(variant: ManifestVariant) throws {
        let original = variant.text.replacing("\"annotations\": null", with: "\"annotations\": ")
        #expect(isSubsequence(original, of: try patched(variant.text, sockets: [.path("/run/kms/kms.sock")])))
    }

    @Test("lines that end with CRLF => so do ours")
    func lineBreaks() throws {
        let text = ManifestVariant.kubeadm.replacing("\n", with: "\r\n")
        #expect(try patched(text) == patched(ManifestVariant.kubeadm).replacing("\n", with: "\r\n"))
    }

    @Test("any manifest, patched and unpatched => the same bytes", arguments: ManifestVariant.all)
    func inverse(variant: ManifestVariant) throws {
        let sockets: [KMSSocket] = [.path("/run/kms/a.sock"), .path("/tmp/b.sock"), .abstract("@c")]
        for text in [try patched(variant.text), try patched(variant.text, sockets: sockets, restart: "n1")] {
            #expect(text != variant.text)
            #expect(try manifest(text).unpatched() == variant.text)
        }
        #expect(try manifest(variant.text).unpatched() == variant.text)
    }

    @Test("any manifest, patched twice => the second time changes nothing", arguments: ManifestVariant.all)
    func idempotent(variant: ManifestVariant) throws {
        let sockets: [KMSSocket] = [.path("/run/kms/a.sock"), .path("/tmp/b.sock")]
        let once = try patched(variant.text, sockets: sockets)
        #expect(try patched(once, sockets: sockets) == once)
    }

    @Test("any manifest, another digest and restart => only their characters change", arguments: ManifestVariant.all)
    func update(variant: ManifestVariant) throws {
        let once = try patched(variant.text, restart: "n1")
        let twice = try patched(once, digest: otherDigest, restart: "n2")
        #expect(twice.replacing(otherDigest, with: digest).replacing("n2", with: "n1") == once)
        #expect(twice != once)
    }
}

/// Lines of a text that another one has not, where the other has no lines that the text has not.
func lines(of text: String, notIn original: String) -> [Substring] {
    var rest = original.split(separator: "\n")[...]
    return text.split(separator: "\n").filter { line in
        guard line == rest.first else { return true }
        rest.removeFirst()
        return false
    }
}

func isSubsequence(_ original: String, of text: String) -> Bool {
    var rest = original.utf8[...]
    for byte in text.utf8 where byte == rest.first { rest.removeFirst() }
    return rest.isEmpty
}
