/// A page as its readers see it: prose, code, headings, links, tables.
struct MarkdownPage {
    struct Line {
        /// From 1 on.
        let number: Int
        let text: String
    }

    struct CodeBlock {
        /// What stands behind the opening fence; empty where nothing does.
        let language: String
        let lines: [Line]
    }

    /// From the repository's root.
    let path: String
    /// What is in no code block.
    let prose: [Line]
    let codeBlocks: [CodeBlock]

    init(_ path: String) throws {
        self.init(path: path, text: try Repository.text(path))
    }

    init(path: String, text: String) {
        var prose: [Line] = []
        var codeBlocks: [CodeBlock] = []
        var open: (fence: Substring, language: String, lines: [Line])?
        for (index, text) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Line(number: index + 1, text: String(text))
            if let block = open {
                if text.wholeMatch(of: #/ *(`{3,}) */#).map({ $0.output.1.count >= block.fence.count }) == true {
                    codeBlocks.append(CodeBlock(language: block.language, lines: block.lines))
                    open = nil
                } else {
                    open?.lines.append(line)
                }
            } else if let fence = text.wholeMatch(of: #/ *(?:(?:[-*]|\d+\.) +)?(`{3,})([^`]*)/#) {
                // It may stand behind the number of a list's item.
                open = (fence.output.1, String(fence.output.2), [])
            } else {
                prose.append(line)
            }
        }
        self.path = path
        self.prose = prose
        self.codeBlocks = codeBlocks
    }
}

extension MarkdownPage {
    /// What stands between backticks; one that goes over two lines is on the first.
    var codeSpans: [Line] {
        paragraphs.flatMap { paragraph in
            paragraph.text.matches(of: #/`([^`]+)`/#).map { match in
                let before = paragraph.text[..<match.range.lowerBound].count { $0 == "\n" }
                return Line(
                    number: paragraph.number + before, text: String(match.output.1).replacing("\n", with: " "))
            }
        }
    }

    /// The targets of links.
    var links: [Line] {
        paragraphs.flatMap { paragraph in
            let text = paragraph.text.replacing(#/`[^`]+`/#) { match in
                String(match.output.filter { $0 == "\n" })
            }
            return text.matches(of: #/\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)/#.anchorsMatchLineEndings()).map { match in
                let before = text[..<match.range.lowerBound].count { $0 == "\n" }
                return Line(
                    number: paragraph.number + before, text: String(match.output.1 ?? match.output.2 ?? ""))
            }
        }
    }

    /// What a link may name behind `#`, as GitHub makes it of headings.
    var anchors: Set<String> {
        var anchors: Set<String> = []
        for line in prose {
            guard let heading = line.text.wholeMatch(of: #/#{1,6} +(.*)/#)?.output.1 else { continue }
            let text = heading.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.output.1 }.lowercased()
            let anchor = String(
                text.compactMap { character -> Character? in
                    if character == " " { return "-" }
                    return character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
                })
            let repeated = (1...).lazy.map { "\(anchor)-\($0)" }.first { !anchors.contains($0) }
            anchors.insert(anchors.contains(anchor) ? repeated ?? anchor : anchor)
        }
        return anchors
    }

    /// The rows of all tables below a heading and above the next one of its level, without the tables' own headings.
    func tableRows(below heading: String) -> [Line] {
        let level = heading.prefix { $0 == "#" }.count
        let section = prose.drop { $0.text != heading }.dropFirst().prefix { line in
            let own = line.text.prefix { $0 == "#" }.count
            return own == 0 || own > level
        }
        var rows: [Line] = []
        for line in section where line.text.hasPrefix("|") {
            // What stands above the rule was a table's heading.
            if line.text.wholeMatch(of: #/[|: -]+/#) != nil { rows.removeLast() } else { rows.append(line) }
        }
        return rows
    }

    /// Runs of lines without an empty one between them; a row of a table is one by itself.
    private var paragraphs: [Line] {
        var paragraphs: [Line] = []
        var last: Int?
        for line in prose {
            guard !line.text.allSatisfy(\.isWhitespace) else {
                last = nil
                continue
            }
            if let end = last, end + 1 == line.number, !line.text.hasPrefix("|"), let paragraph = paragraphs.popLast() {
                paragraphs.append(Line(number: paragraph.number, text: "\(paragraph.text)\n\(line.text)"))
            } else {
                paragraphs.append(line)
            }
            last = line.text.hasPrefix("|") ? nil : line.number
        }
        return paragraphs
    }
}

extension MarkdownPage.Line {
    /// The cells of a table's row.
    var cells: [String] {
        text.replacing("\\|", with: "\u{0}").split(separator: "|").map { cell in
            String(cell).replacing("\u{0}", with: "|").trimmed
        }
    }

    /// What stands between backticks in the first cell.
    var names: [String] {
        (cells.first ?? "").matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
