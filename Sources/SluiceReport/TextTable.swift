/// Columns of text that line up: the first to the left, figures to the right.
struct TextTable {
    var header: [String]
    var rows: [[String]]
    /// Columns that are words; the first one is always.
    var wordColumns: Set<Int> = []
    /// A longer first cell is cut, with an ellipsis.
    var widestFirstCell = 26
    /// Columns to leave out when there is no room, the least important first; the others stay.
    var dropOrder: [Int] = []

    /// - Parameter columns: of the terminal; `nil`: as wide as it gets.
    func lines(indent: String = "", columns: Int? = nil) -> [String] {
        guard let columns else { return lines(indent: indent) }
        var table = self
        for column in dropOrder where table.width(indent) > columns {
            table.header[column] = ""
            for row in table.rows.indices { table.rows[row][column] = "" }
        }
        let kept = header.indices.filter { !table.header[$0].isEmpty }
        table = TextTable(
            header: kept.map { header[$0] }, rows: rows.map { row in kept.map { row[$0] } },
            wordColumns: Set(kept.indices.filter { wordColumns.contains(kept[$0]) }), widestFirstCell: widestFirstCell)
        let excess = table.width(indent) - columns
        if excess > 0 {
            let widest = ([header] + rows).map { min($0[0].count, widestFirstCell) }.max() ?? 0
            table.widestFirstCell = max(8, widest - excess)
        }
        return table.lines(indent: indent)
    }

    private func width(_ indent: String) -> Int {
        let widths = header.indices.map { column in
            ([header] + rows).map { min($0[column].count, column == 0 ? widestFirstCell : .max) }.max() ?? 0
        }.filter { $0 > 0 }
        return indent.count + widths.reduce(0, +) + 2 * max(0, widths.count - 1)
    }

    private func lines(indent: String) -> [String] {
        let cut = ([header] + rows).map { row in
            row.enumerated().map { column, text in
                let text = Escape.terminal(text)
                return column == 0 ? Self.cut(text, to: widestFirstCell) : text
            }
        }
        let widths = header.indices.map { column in cut.map { $0[column].count }.max() ?? 0 }
        return cut.map { row in
            let cells = row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 || wordColumns.contains(column) ? text + padding : padding + text
            }
            var line = indent + cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }

    /// Breaks at spaces and at line ends; a word longer than the width stays whole.
    static func wrapped(_ text: String, width: Int, indent: String, hanging: String? = nil) -> [String] {
        var lines: [String] = []
        var line = indent
        var isEmpty = true
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { Escape.terminal(String($0)) }
        for word in words {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = hanging ?? indent
                isEmpty = true
            }
            line += isEmpty ? word : " \(word)"
            isEmpty = false
        }
        if !isEmpty { lines.append(line) }
        return lines
    }
}
