import FoundationEssentials

/// The files of this repository that users read.
enum Repository {
    static let root = (#filePath as String).replacing(#/\/Tests\/.*/#, with: "")

    /// Paths from the root: the pages at the top, and everything below `docs` and `examples`.
    static func documents() throws -> [String] {
        let top = try FileManager.default.contentsOfDirectory(atPath: root).filter { $0.hasSuffix(".md") }
        let below = try ["docs", "examples"].flatMap { directory in
            try files(below: directory).filter { !$0.contains("/.") }
        }
        return (top + below).sorted()
    }

    static func pages() throws -> [MarkdownPage] {
        try documents().filter { $0.hasSuffix(".md") }.map { try MarkdownPage($0) }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(root)/\(path)")
    }

    static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "\(root)/\(path)")
    }

    /// Paths from the root of all files in a directory and below it.
    static func files(below directory: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(directory)").map { "\(directory)/\($0)" }.filter
        {
            var isDirectory = false
            return FileManager.default.fileExists(atPath: "\(root)/\($0)", isDirectory: &isDirectory) && !isDirectory
        }
    }
}
