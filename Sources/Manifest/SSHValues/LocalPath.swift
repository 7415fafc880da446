internal import YAML

/// A path on the operator's machine as it was written; spaces are allowed.
struct LocalPath: Hashable {
    let text: String

    init(_ text: String) throws(Refusal) {
        try Refusal.check(text)
        guard !text.hasPrefix("~") || text.hasPrefix("~/") else {
            throw Refusal("begins with \"~\" and a user's name: only \"~/\" is resolved, write the whole path")
        }
        self.text = text
    }

    /// The absolute path: `~/` is the home directory, everything else relative is from the working directory.
    func absolute(in surroundings: Surroundings) throws(Refusal) -> String {
        let path: String
        if text.hasPrefix("/") {
            path = text
        } else if text.hasPrefix("~/") {
            guard let home = surroundings.home, home.hasPrefix("/") else {
                throw Refusal("begins with \"~/\", but HOME is not set: write the whole path")
            }
            path = home + text.dropFirst()
        } else {
            let relative = text.hasPrefix("./") ? text.dropFirst(2) : text[...]
            path = surroundings.workingDirectory + "/" + relative
        }
        do throws(Refusal) {
            try Refusal.check(path)
        } catch {
            throw Refusal("means \(path.quoted), which \(error.reason)")
        }
        return path
    }
}

/// What a relative path is relative to.
package struct Surroundings: Hashable, Sendable {
    /// The home directory; nil where there is none.
    package let home: String?
    /// An absolute path.
    package let workingDirectory: String

    package init(home: String?, workingDirectory: String) {
        self.home = home
        self.workingDirectory = workingDirectory
    }
}
