/// What stands at a path of a host.
package struct HostFile: Sendable {
    package let path: String
    /// Where the path leads, if it is a symbolic link.
    package let link: String?
    /// Nil where there is nothing.
    package let attributes: Attributes?
    /// A regular file's bytes; nil where it is larger than `largest`.
    package let content: SecretBytes?
    /// The lower-case hex SHA-256 of the content.
    package let digest: String?

    /// Every file that is looked at is a few KiB; more than this is not read.
    package static let largest = 1 << 20

    package struct Attributes: Hashable, Sendable {
        /// The permission bits, in octal digits as `stat` prints them.
        package let mode: String
        package let user: Int
        package let group: Int
        package let size: Int
        package let kind: Kind
    }

    package enum Kind: Hashable, Sendable {
        case regular
        case directory
        case socket
        case other(String)

        init(_ text: some StringProtocol) {
            switch text {
            case "regular file", "regular empty file": self = .regular
            case "directory": self = .directory
            case "socket": self = .socket
            default: self = .other(String(text))
            }
        }
    }

    package var exists: Bool { attributes != nil }

    /// A file with the same content at another path.
    func at(_ path: String) -> HostFile {
        HostFile(path: path, link: nil, attributes: attributes, content: content, digest: digest)
    }

    /// The content as text; nil where there is none, or it is not UTF-8.
    package var text: String? { unsafe content?.withBytes { unsafe String(validating: $0, as: UTF8.self) } }
}

extension HostFile {
    init(_ group: Frames.Group) throws {
        let path = group.head
        let words = group.text("attributes")?.split(separator: " ", maxSplits: 4)
        let attributes = words.flatMap(Attributes.init)
        var content: SecretBytes?
        if let attributes, attributes.kind == .regular, attributes.size <= HostFile.largest {
            content = group.members["content"].flatMap { SecretBytes(base64: $0) }
            guard content?.count == attributes.size else { throw FileChangedWhileRead(path: path) }
        }
        self.init(
            path: path, link: group.text("link"), attributes: attributes, content: content,
            digest: try content?.sha256Hex())
    }
}

extension HostFile.Attributes {
    /// From the words of `stat -c '%a %u %g %s %F'`.
    fileprivate init?(_ words: [Substring]) {
        guard words.count == 5, let user = Int(words[1]), let group = Int(words[2]), let size = Int(words[3]) else {
            return nil
        }
        self.init(mode: String(words[0]), user: user, group: group, size: size, kind: HostFile.Kind(words[4]))
    }
}

/// A file whose size and content did not agree.
package struct FileChangedWhileRead: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String

    package var description: String {
        "\"\(path)\" could not be read whole: it changed meanwhile; run the same command again"
    }
}
