internal import ArgumentParser
internal import ControlPlane
internal import FoundationEssentials
internal import Reconciliation

/// The keys of an archive, without their secrets.
struct KeyList {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    struct Row: Encodable {
        let cluster: String
        let name: String
        let provider: String?
        let date: String?
        /// Nil where the file was not opened.
        let hosts: [String]?
        let file: String
    }

    let rows: [Row]

    func render(_ format: Format) -> String {
        switch format {
        case .text: text
        case .json: json
        }
    }

    private var text: String {
        let isOpened = rows.contains { $0.hosts != nil }
        let heading = ["CLUSTER", "KEY", "PROVIDER", "ARCHIVED"] + (isOpened ? ["HOSTS"] : [])
        let cells = rows.map { row in
            [row.cluster, row.name, row.provider ?? "-", row.date ?? "-"].map(plain)
                + (isOpened ? [plain((row.hosts ?? []).joined(separator: ","))] : [])
        }
        let widths = heading.indices.map { column in ([heading] + cells).map { $0[column].count }.max() ?? 0 }
        return ([heading] + cells).map { line in
            zip(line, widths).enumerated().map { index, cell in
                // The last column is as wide as it is.
                index == line.count - 1 ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
            }.joined(separator: "  ") + "\n"
        }.joined()
    }

    private var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(rows) else { return "[]\n" }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    /// Without what a terminal would act on: a name is whatever somebody wrote into a configuration file.
    private func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}

extension KeyList.Row {
    init(_ file: KeyArchive.File, _ label: ArchiveLabel?, hosts: [String]?) {
        self.init(
            cluster: label?.cluster ?? file.cluster, name: label?.name ?? file.name,
            provider: label?.provider.rawValue, date: label?.date, hosts: hosts, file: file.path)
    }
}
