internal import Foundation
package import SluiceAnalysis

/// A history as text and as JSON.
package enum HistoryReport {
    private static let width = 100

    /// For a terminal; no line break at the end.
    package static func terminal(_ history: RunHistory) -> String {
        var lines = [Escape.terminal(HistoryText.title(history))]
        lines += wrapped(HistoryText.conditions(history), indent: "") + wrapped(HistoryText.note, indent: "")
        for strategy in history.strategies {
            lines += ["", Escape.terminal(strategy.name)]
            lines += TextTable(
                header: HistoryText.header, rows: HistoryText.rows(strategy, of: history),
                wordColumns: HistoryText.wordColumns
            ).lines(indent: "  ")
            lines += HistoryText.changes(strategy, of: history).flatMap { wrapped($0, indent: "  ") }
        }
        if !history.leftOut.isEmpty { lines += ["", "Left out"] }
        lines += HistoryText.leftOut(history).flatMap { wrapped($0, indent: "  ") }
        return lines.joined(separator: "\n")
    }

    private struct Document: Encodable {
        let format = "sluice-history"
        let version: Int
        let history: RunHistory
    }

    /// For machines; `dashboards/history.schema.json` describes it. Keys are in alphabetical order and snake case; one
    /// that is absent is not known. No line break at the end.
    package static func json(_ history: RunHistory) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return String(
            decoding: try encoder.encode(Document(version: history.version, history: history)), as: UTF8.self)
    }

    private static func wrapped(_ text: String, indent: String) -> [String] {
        TextTable.wrapped(text, width: width, indent: indent, hanging: indent + "  ")
    }
}
