import FoundationEssentials
import Testing

extension Sandbox {
    /// How many Secrets there are and a digest of all their data, as every API server shows them; the data stays in the sandbox.
    ///
    /// Not among them are those that the load clients add, and those that kubeadm lets expire.
    static func secretsDigest() async throws -> String {
        var digests: Set<String> = []
        for address in addresses {
            digests.insert(
                try await onHost(
                    "cp1",
                    """
                    all=$(kubectl --server https://\(address):6443 get secrets -A \
                    -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.data}{"\\n"}{end}')
                    kept=$(printf '%s\\n' "$all" | grep -v -e ^seeded/load- -e ^kube-system/bootstrap-token- \
                    -e ^kube-system/kubeadm-certs | sort)
                    printf '%s\\n' "$kept" | wc -l
                    printf '%s\\n' "$kept" | sha256sum
                    """))
        }
        try #require(digests.count == 1, "the API servers differ in what they show")
        return digests.first ?? ""
    }

    /// The values of the Secrets that load clients created, by name.
    fileprivate static func loadedValues() async throws -> [String: String] {
        let lines = try await kubectl(
            "-n", "seeded", "get", "secrets", "-o",
            #"jsonpath={range .items[*]}{.metadata.name} {.data.value}{"\n"}{end}"#)
        return lines.split(separator: "\n").reduce(into: [:]) { values, line in
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Data(base64Encoded: String(words[1])) else { return }
            values[String(words[0])] = String(decoding: value, as: UTF8.self)
        }
    }
}

extension LoadReport {
    /// No request failed but for a connection that was refused, and all that was created is there as it was written.
    func expectNothingLost(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(requests > 250, sourceLocation: sourceLocation)
        #expect(httpErrors.isEmpty, "\(httpErrors.prefix(5))", sourceLocation: sourceLocation)
        let values = try await Sandbox.loadedValues()
        let wrong = created.filter { name in
            values[name] != name.split(separator: "-").last.map { "written-\($0)" }
        }
        #expect(!created.isEmpty && wrong.isEmpty, "\(wrong.prefix(5))", sourceLocation: sourceLocation)
    }
}
