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
    /// Every path that `HostScript.look` was given; what is `known` by its digest was not sent again.
    ///
    /// - Throws: `FileChangedWhileRead` where size, digest and content do not agree.
    static func all(in frames: Frames, known: [String: SecretBytes]) throws(FileChangedWhileRead) -> [String: HostFile]
    {
        let standing = Attributes.all(in: frames.text("files.attributes") ?? "")
        var digests = (frames.text("files.digests") ?? "").lines[...]
        let sent = (frames.all.first { $0.name == "files.contents" }?.value).flatMap { SecretBytes(base64: $0) }
        var contents = SecretSlice(sent ?? .empty)
        var read: [String: (content: SecretBytes, digest: String)] = [:]
        for (path, attributes) in standing where attributes.kind == .regular && attributes.size <= largest {
            // What sha256sum puts before the digest of a name with a backslash.
            let digest = String((digests.popFirst() ?? "").drop { $0 == "\\" }.prefix { $0 != " " })
            let content = known[digest] ?? SecretBytes(contents.prefix(max(0, attributes.size)))
            if known[digest] == nil { contents = contents.dropFirst(content.count) }
            guard content.count == attributes.size, (try? content.sha256Hex()) == digest
            else { throw FileChangedWhileRead(path: path) }
            read[path] = read[path] ?? (content, digest)
        }
        let attributes = Dictionary(standing) { first, _ in first }
        let files = frames.groups("file").map { group in
            HostFile(
                path: group.head, link: group.text("link"), attributes: attributes[group.head],
                content: read[group.head]?.content, digest: read[group.head]?.digest)
        }
        return Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
    }
}

extension HostFile.Attributes {
    /// By path, from the lines of `stat -c '%a %u %g %s %F/%n'`, whose names have lost their first slash.
    fileprivate static func all(in text: String) -> [(path: String, attributes: Self)] {
        text.lines.compactMap { line in
            guard let slash = line.firstIndex(of: "/") else { return nil }
            return Self(line[..<slash].split(separator: " ", maxSplits: 4)).map { (String(line[slash...]), $0) }
        }
    }

    private init?(_ words: [Substring]) {
        guard words.count == 5, let user = Int(words[1]), let group = Int(words[2]), let size = Int(words[3]) else {
            return nil
        }
        self.init(mode: String(words[0]), user: user, group: group, size: size, kind: HostFile.Kind(words[4]))
    }
}

extension String {
    /// What stands between its line feeds; a name may end in a carriage return, which is one character with the next line feed.
    fileprivate var lines: [Substring] { utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) } }
}

/// A file whose size and content did not agree.
package struct FileChangedWhileRead: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String

    package var description: String {
        "\"\(path)\" could not be read whole: it changed meanwhile; run the same command again"
    }
}
