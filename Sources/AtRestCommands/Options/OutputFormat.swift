internal import ArgumentParser

/// `-o`: how data on standard output is written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    /// For programs; the fields are documented, and stay.
    case json
}
