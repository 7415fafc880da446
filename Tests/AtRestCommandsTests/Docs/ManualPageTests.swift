import Testing

/// The manual page's own words, against docs/reference.md, which other tests hold against the code.
@Suite("docs/man/atrest.1.in") struct ManualPageTests {
    /// The lines between a section's heading and the next one's.
    private static func section(_ name: String) throws -> [Substring] {
        let lines = try Repository.text("docs/man/atrest.1.in").split(separator: "\n")
        let heading = try #require(lines.firstIndex(of: ".Sh \(name)"))
        return Array(lines[(heading + 1)...].prefix { !$0.hasPrefix(".Sh ") })
    }

    private static func names(below heading: String) throws -> [String] {
        try MarkdownPage("docs/reference.md").tableRows(below: heading).flatMap(\.names)
    }

    @Test("EXIT STATUS => the reference's exit codes")
    func exitStatus() throws {
        let codes = try Self.section("EXIT STATUS").filter { $0.hasPrefix(".It ") }.map { String($0.dropFirst(4)) }
        #expect(try codes == Self.names(below: "## Exit codes"))
    }

    @Test("ENVIRONMENT => the reference's environment variables")
    func environment() throws {
        let variables = try Self.section("ENVIRONMENT").filter { $0.hasPrefix(".It Ev ") }
            .flatMap { $0.dropFirst(7).split(separator: " , ").map(String.init) }
        let documented = try Self.names(below: "## Environment variables")
        #expect(Set(variables) == Set(documented))
    }
}
