internal import ControlPlane
internal import Reconciliation

/// The keys of an archive, without their secrets.
struct KeyList {
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

    func render(_ format: OutputFormat) throws -> String {
        switch format {
        case .text: text
        case .json: try jsonText(rows)
        }
    }

    private var text: String {
        let isOpened = rows.contains { $0.hosts != nil }
        return TextTable(
            heading: ["CLUSTER", "KEY", "PROVIDER", "ARCHIVED"] + (isOpened ? ["HOSTS"] : []),
            rows: rows.map { row in
                [row.cluster, row.name, row.provider ?? "-", row.date ?? "-"]
                    + (isOpened ? [(row.hosts ?? []).joined(separator: ",")] : [])
            }
        ).render()
    }
}

extension KeyList.Row {
    init(_ file: KeyArchive.File, _ label: ArchiveLabel?, hosts: [String]?) {
        self.init(
            cluster: label?.cluster ?? file.cluster, name: label?.name ?? file.name,
            provider: label?.provider.rawValue, date: label?.date, hosts: hosts, file: file.path)
    }
}
