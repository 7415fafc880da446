import Testing

@Suite("Links in documents") struct LinkTests {
    /// What a relative link leads to, from the repository's root; nil where it leads out of it.
    private static func resolve(_ target: Substring, from page: String) -> String? {
        var parts = page.split(separator: "/").dropLast()
        for part in target.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                if parts.popLast() == nil { return nil }
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    /// What is wrong with a link; nil where nothing is, and for one that leaves the repository.
    private static func complaint(_ link: String, on page: MarkdownPage) throws -> String? {
        if link.contains("://") { return nil }
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts[0].isEmpty ? page.path : resolve(parts[0], from: page.path) else {
            return "leads out of the repository"
        }
        let isOwn = path == page.path
        guard isOwn || Repository.exists(path) else { return "there is no \(path)" }
        guard parts.count == 2 else { return nil }
        guard path.hasSuffix(".md") else { return "\(path) has no headings" }
        let anchors = isOwn ? page.anchors : try MarkdownPage(path).anchors
        return anchors.contains(String(parts[1])) ? nil : "\(path) has no heading for #\(parts[1])"
    }

    @Test("every one in README, docs and examples => leads to a file, and to a heading where it names one")
    func resolved() throws {
        for page in try Repository.pages() {
            for link in page.links {
                if let complaint = try Self.complaint(link.text, on: page) {
                    Issue.record("\(page.path):\(link.number): (\(link.text)): \(complaint)")
                }
            }
        }
    }

    @Test("every page below docs => docs/README.md links it, and README.md links that")
    func index() throws {
        let index = try MarkdownPage("docs/README.md")
        let linked = Set(index.links.compactMap { Self.resolve($0.text.prefix { $0 != "#" }, from: index.path) })
        for page in try Repository.pages() where page.path.hasPrefix("docs/") && page.path != index.path {
            #expect(linked.contains(page.path), "docs/README.md: add a link to \(page.path)")
        }
        #expect(try MarkdownPage("README.md").links.contains { $0.text == "docs/README.md" })
    }

    @Test(
        "a link that leads nowhere => said why",
        arguments: [
            ("[a](other.md)", "there is no docs/other.md"), ("[a](../../etc)", "leads out of the repository"),
            ("[a](#nothing)", "docs/page.md has no heading for #nothing"),
            ("[`a`](../LICENSE#part)", "LICENSE has no headings"),
        ])
    func broken(text: String, complaint: String) throws {
        let page = MarkdownPage(path: "docs/page.md", text: "# A page\n\n\(text)\n")
        #expect(try page.links.map { try Self.complaint($0.text, on: page) } == [complaint])
    }

    @Test("headings => anchors as GitHub makes them; what is in code is no heading, and no link")
    func anchors() throws {
        let page = MarkdownPage(
            path: "docs/page.md",
            text: """
                # Looking: `atrest status`
                ### `atrest status -o json`
                ## What can go wrong, and [how](x.md) to get back
                ## Twice
                ## Twice
                ```
                # a comment, [no](link.md)
                ```
                `[no](link.md)` but [one](../LICENSE) and [two](#twice-1)
                """)
        #expect(
            page.anchors == [
                "looking-atrest-status", "atrest-status--o-json", "what-can-go-wrong-and-how-to-get-back", "twice",
                "twice-1",
            ])
        #expect(page.links.map(\.text) == ["x.md", "../LICENSE", "#twice-1"])
        #expect(try page.links.dropFirst().allSatisfy { try Self.complaint($0.text, on: page) == nil })
    }
}
