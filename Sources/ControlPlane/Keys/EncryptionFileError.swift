/// An encryption configuration that no API server would load.
///
/// Never holds a secret: nothing of the file is quoted that is long enough to be one.
package struct EncryptionFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the caller calls the file: `cp1:/etc/kubernetes/encryption-providers/encryption-providers.yaml`.
    package let file: String
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in characters.
    package let column: Int
    package let problem: String

    package var description: String { "\(file):\(line):\(column): \(problem)" }

    /// A word of the file in quotes, shortened so that it cannot show a secret (the shortest has 24 digits of base64).
    static func quote(_ word: String) -> String {
        word.count <= 20 ? "\"\(word)\"" : "\"\(word.prefix(4))…\""
    }
}
