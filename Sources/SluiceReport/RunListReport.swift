package import SluiceModel

/// One line of the list of stored runs.
package struct RunListRow: Sendable {
    /// The run as it is stored.
    package var record: RunRecord
    /// Stored as running, but the process that ran it is gone.
    package var isAbandoned: Bool

    package init(record: RunRecord, isAbandoned: Bool) {
        self.record = record
        self.isAbandoned = isAbandoned
    }
}

/// The list of stored runs, for a terminal.
package enum RunListReport {
    /// A table with a header, or a sentence when there are no runs; no line break at the end.
    package static func render(_ rows: [RunListRow]) -> String {
        guard !rows.isEmpty else { return "no runs are stored" }
        let cells = rows.map { row in
            let record = row.record
            let status = record.status.rawValue
            return [
                record.id, record.command, record.workload.name, record.strategies.joined(separator: ","),
                "\(record.blocks)", row.isAbandoned ? "\(status), but its coordinator died" : status,
            ].map(Escape.terminal)
        }
        let header = ["run", "command", "workload", "strategies", "blocks", "status"]
        return TextTable(header: header, rows: cells, wordColumns: [1, 2, 3, 5]).lines().joined(separator: "\n")
    }
}
