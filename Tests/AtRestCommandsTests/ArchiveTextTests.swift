import ControlPlane
import Reconciliation
import Testing

@testable import AtRestCommands

@Suite struct ArchiveTextTests {
    private func entry(_ name: String, isNew: Bool) -> KeyArchive.Entry {
        KeyArchive.Entry(
            key: .local(provider: .aescbc, name: name, fingerprint: Fingerprint("01")), path: "/k/prod/\(name).cms.pem",
            isNew: isNew)
    }

    @Test("keys that are new to the archive => their files; nothing new => nothing said")
    func new() {
        let entries = [entry("a", isNew: true), entry("b", isNew: false), entry("c", isNew: true)]
        #expect(ArchiveText.render(entries) == "Archived 2 keys: /k/prod/a.cms.pem, /k/prod/c.cms.pem\n")
        #expect(ArchiveText.render([entries[0]]) == "Archived 1 key: /k/prod/a.cms.pem\n")
        #expect(ArchiveText.render([entries[1]]) == "")
    }
}
