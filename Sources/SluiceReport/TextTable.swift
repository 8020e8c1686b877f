/// Columns of text that line up: the first to the left, figures to the right.
struct TextTable {
    var header: [String]
    var rows: [[String]]
    /// Columns that are words; the first one is always.
    var wordColumns: Set<Int> = []
    /// A longer first cell is cut, with an ellipsis.
    var widestFirstCell = 26

    func lines(indent: String = "") -> [String] {
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

    /// Breaks at spaces; a word longer than the width stays whole.
    static func wrapped(_ text: String, width: Int, indent: String, hanging: String? = nil) -> [String] {
        var lines: [String] = []
        var line = indent
        var isEmpty = true
        for word in Escape.terminal(text).split(separator: " ", omittingEmptySubsequences: true) {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = hanging ?? indent
                isEmpty = true
            }
            line += isEmpty ? String(word) : " \(word)"
            isEmpty = false
        }
        if !isEmpty { lines.append(line) }
        return lines
    }
}
