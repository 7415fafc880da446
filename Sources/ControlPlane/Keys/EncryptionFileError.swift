/// An encryption configuration that no API server would load, or that no operator should ask for.
///
/// Never holds a secret: nothing of the file is quoted that is long enough to be one.
package struct EncryptionFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong, and its place in the file.
    package struct Finding: Hashable, Sendable {
        /// Counted from 1.
        package let line: Int
        /// Counted from 1, in characters.
        package let column: Int
        package let problem: String
    }

    /// What the caller calls the file: `cp1:/etc/kubernetes/encryption-providers/encryption-providers.yaml`.
    package let file: String
    /// At least one, in the order of their places.
    package let findings: [Finding]

    init(file: String, findings: [Finding]) {
        self.file = file
        self.findings = findings.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// One finding a line.
    package var description: String { findings.map(describe).joined(separator: "\n") }

    /// The first finding, for where only one line may stand.
    package var summary: String {
        let others = findings.count - 1
        return (findings.first.map(describe) ?? file) + (others > 0 ? " (and \(others) more)" : "")
    }

    private func describe(_ finding: Finding) -> String {
        "\(file):\(finding.line):\(finding.column): \(finding.problem)"
    }

    /// A word of the file in quotes, shortened so that it cannot show a secret (the shortest has 24 digits of base64).
    static func quote(_ word: String) -> String {
        word.count <= 20 ? "\"\(word)\"" : "\"\(word.prefix(4))…\""
    }
}
