import FoundationEssentials
import Testing

extension OnTheSandbox {
    @Test("a Secret whose annotation holds its data => rewritten, no byte of the data in atrest's memory or log")
    func dataStaysPut() async throws {
        try await Sandbox.seed(2000)
        try await Sandbox.ensureEncrypted()
        let name = "probe-\(UInt64.random(in: .min ... .max))"
        let data = "the-data-of-the-secret-\(UInt64.random(in: .min ... .max))"
        // kubectl apply puts the whole object, data included, into the last-applied annotation.
        _ = try await Sandbox.kubectl(
            "apply", "-f", "-",
            input: """
                apiVersion: v1
                kind: Secret
                metadata: {name: \(name), namespace: seeded}
                stringData: {value: "\(data)"}
                """)
        let stored = try await Sandbox.kubectl("-n", "seeded", "get", "secret", name, "-o", "yaml")
        #expect(stored.contains(data))

        let atrest = try AtRest()
        let wanted = ["name": name, "data": data, "base64": Data(data.utf8).base64EncodedString()]
        let disabling = try await Sandbox.manifest(enabling: false)
        let (run, found) = try await beside(
            "scan.py", [AtRest.binary] + wanted.map { "\($0.key)=\($0.value.utf8.hexadecimal)" }
        ) {
            try await atrest(AtRest.applying(manifest: disabling) + ["--debug"])
        }
        #expect(run.status == 0, "\(run.errors)")
        // The name shows that the scan sees what atrest receives.
        #expect(found.split(separator: "\n") == ["name"])
        #expect(!(run.output + run.errors).contains(data))
        #expect(try await Sandbox.storedForms().keys.sorted() == ["plain text"])
    }
}
