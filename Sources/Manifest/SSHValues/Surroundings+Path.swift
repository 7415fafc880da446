internal import YAML

extension Surroundings {
    /// The absolute path for what an operator typed behind an option, where ssh can be given it.
    package func path(_ text: String, of option: String) throws(UnusablePath) -> String {
        do throws(Refusal) {
            return try LocalPath(text).absolute(in: self)
        } catch {
            throw UnusablePath(option: option, path: text, reason: error.reason)
        }
    }
}

/// A path that ssh or its configuration would take for something else.
package struct UnusablePath: Error, Hashable, Sendable, CustomStringConvertible {
    let option: String
    let path: String
    let reason: String

    package var description: String { "\(option): \(path.quoted) \(reason)" }
}
