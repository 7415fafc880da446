internal import YAML

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What the operator says once for all runs, in `~/.config/atrest/config.yaml`.
package struct OperatorConfiguration: Hashable, Sendable {
    /// The directory of the key archive; nil where none is set.
    package let keyArchive: String?
    /// Paths of certificates.
    package let keyArchiveRecipients: [String]

    /// What the file may have.
    package static let fields = ["keyArchive", "keyArchiveRecipients"]

    /// Reads the file of whoever has this environment; one that is not there says nothing.
    ///
    /// - Throws: everything that is wrong with it.
    package init(environment: [String: String]) throws(InputError) {
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        // A relative path is to be ignored, says the XDG base directory specification.
        let base =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home.map { $0 + "/.config" }
        guard let path = base.map({ $0 + "/atrest/config.yaml" }),
            unsafe access(path, F_OK) == 0 || errno != ENOENT
        else {
            try self.init(parsing: "", file: "config.yaml", home: home)
            return
        }
        guard let text = String(validating: try InputFile.read(path), as: UTF8.self) else {
            throw InputError([Problem("this is not UTF-8 text", at: Place(file: path))])
        }
        try self.init(parsing: text, file: path, home: home)
    }

    package init(parsing text: String, file: String, home: String?) throws(InputError) {
        var findings = Findings(file: file)
        let root = try Self.root(of: text, file: file)
        let fields = root.flatMap { Fields($0, "the configuration", &findings) }
        fields?.refuseUnknown(known: Self.fields, &findings)
        let path = { (text: String) throws(Refusal) in try Self.absolute(text, home) }
        keyArchive = fields?.value("keyArchive", &findings, path)
        var recipients: [String] = []
        for node in fields?.list("keyArchiveRecipients", &findings) ?? [] {
            if let file = Fields.value(node, "keyArchiveRecipients", &findings, path) { recipients.append(file) }
        }
        keyArchiveRecipients = recipients
        try findings.check()
    }

    private static func root(of text: String, file: String) throws(InputError) -> Node? {
        do throws(YAMLError) {
            return try Node.parse(text)
        } catch {
            let place = Place(file: file, line: error.line, column: error.column)
            throw InputError([Problem("this is not YAML: \(error.problem)", at: place)])
        }
    }

    /// A relative path would be another one in every directory that atrest is started in.
    private static func absolute(_ path: String, _ home: String?) throws(Refusal) -> String {
        if path.hasPrefix("/") { return path }
        guard path.hasPrefix("~/") else {
            throw Refusal("is no whole path: begin it with \"/\" or with \"~/\" for the home directory")
        }
        guard let home else { throw Refusal("begins with \"~/\", but HOME is not set: write the whole path") }
        return home + path.dropFirst()
    }
}
