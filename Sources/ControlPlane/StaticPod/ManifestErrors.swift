/// A manifest that cannot be read, or is not what it has to be.
package struct UnreadableManifest: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the caller calls the text: `cp1:/etc/kubernetes/manifests/kube-apiserver.yaml`.
    package let file: String
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in characters.
    package let column: Int
    package let problem: String

    package var description: String { "\(file):\(line):\(column): \(problem)" }
}

/// A manifest in which a change cannot be made without touching lines that are not ours.
package struct UneditableManifest: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1.
    package let line: Int
    /// What stands in the way, and what to do.
    package let problem: String

    package var description: String { "\(file):\(line): \(problem)" }
}

extension UneditableManifest {
    init(_ error: UneditableYAML, file: String) {
        self.init(
            file: file, line: error.line,
            problem:
                "\"\(error.path.text)\" is written in a way that cannot be changed without changing something else "
                + "(an anchor, an alias, a tag or a comment inside of it); nothing was changed: write it as a plain "
                + "list or mapping, and run again")
    }
}
