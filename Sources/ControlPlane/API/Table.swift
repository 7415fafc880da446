/// A list, or one object, as the server prints it: names and columns, no objects.
struct Table: Decodable, Sendable {
    static let accept = "application/json;as=Table;g=meta.k8s.io;v=v1"

    struct Column: Decodable {
        let name: String
        let format: String?
    }

    struct Row: Decodable {
        let cells: [Cell]
    }

    enum Cell: Decodable {
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            let value = try? decoder.singleValueContainer().decode(String.self)
            self = value.map(Cell.text) ?? .other
        }
    }

    let columnDefinitions: [Column]?
    let rows: [Row]?

    /// Each row's cell under the first column that meets the condition, else under the column of that index.
    func texts(_ isWanted: (Column) -> Bool, else fallback: Int) -> [String?] {
        let index = columnDefinitions?.firstIndex(where: isWanted) ?? fallback
        return (rows ?? []).map { row in
            guard row.cells.indices.contains(index), case .text(let text) = row.cells[index] else { return nil }
            return text
        }
    }

    /// Names stand in the column of that format, which is not always the first (events).
    ///
    /// One without a name would make a path that is another's.
    var names: [String] { texts({ $0.format == "name" }, else: 0).compactMap(\.self).filter { !$0.isEmpty } }
}
