import FoundationEssentials

/// A campaign in numbers, as a row of the table in docs/reliability.md.
struct Summary {
    private let state: Campaign.State

    init(_ state: Campaign.State) {
        self.state = state
    }

    var row: String {
        let records = state.records
        let struck = Dictionary(grouping: records.flatMap(\.struck), by: \.self).mapValues(\.count)
        let faults = Fault.allCases.compactMap { fault in struck[fault].map { "\(fault.rawValue) \($0)" } }
        let operations = Dictionary(grouping: records, by: \.operation).mapValues(\.count)
        let kinds = Operation.allCases.compactMap { kind in operations[kind].map { "\(kind.rawValue) \($0)" } }
        let numbers = [
            records.map(\.reads), records.map(\.failedReads), records.map(\.lostObjects), records.map(\.lostKeys),
            records.map(\.findings.count),
        ].map { "\($0.reduce(0, +))" }
        let date = Date.now.formatted(.iso8601.year().month().day())
        let cells =
            [
                date, "\(state.seed)", "\(records.count): \(kinds.joined(separator: ", "))",
                faults.joined(separator: "; "),
            ]
            + numbers
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}
