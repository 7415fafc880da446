internal import Reconciliation

/// Rows below a heading, in columns that are as wide as what is in them.
struct TextTable {
    let heading: [String]
    let rows: [[String]]

    func render() -> String {
        let lines = [heading] + rows.map { $0.map(plain) }
        let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).enumerated().map { index, cell in
                // The last column is as wide as it is.
                index == line.count - 1 ? cell.0 : cell.0.padded(to: cell.1)
            }.joined(separator: "  ") + "\n"
        }.joined()
    }

    /// Without what a terminal would act on: a name is whatever somebody wrote into a configuration file.
    private func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isPrintable ? $0 : "?" }))
    }
}

extension String {
    /// With blanks behind it, as wide as its column; a longer one stays as it is.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
