/// Writes HTML; every text passes through `Escape`, so that markup can only come from this code.
struct HTMLWriter {
    private(set) var lines: [String] = []

    /// Markup of our own, never a text from elsewhere.
    mutating func markup(_ markup: String) { lines.append(markup) }

    mutating func element(_ name: String, class style: String? = nil, _ text: String) {
        let attribute = style.map { " class=\"\($0)\"" } ?? ""
        lines.append("<\(name)\(attribute)>\(Self.escaped(text))</\(name)>")
    }

    /// Escaped, with a number kept on one line with its unit.
    static func escaped(_ text: String) -> String {
        let units = [" %", " KiB", " MiB", " GiB", " ms", " µs", " ns"]
        return units.reduce(Escape.markup(text)) { $0.replacing($1, with: "\u{A0}" + $1.dropFirst()) }
    }

    mutating func card(_ title: String, id: String, _ content: (inout HTMLWriter) -> Void) {
        lines.append("<section class=\"card\" aria-labelledby=\"\(id)\">")
        lines.append("<h2 id=\"\(id)\">\(Escape.markup(title))</h2>")
        content(&self)
        lines.append("</section>")
    }

    struct Cell {
        var text: String
        /// A class of the style sheet.
        var style: String?
        var mark: String?

        init(_ text: String, style: String? = nil, mark: String? = nil) {
            self.text = text
            self.style = style
            self.mark = mark
        }
    }

    /// The first column heads its row. A table that is too wide for the page scrolls by itself, by keyboard as well.
    mutating func table(caption: String, header: [String], rows: [[Cell]], left: Set<Int> = []) {
        lines.append("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(Escape.markup(caption))\">")
        lines.append("<table><thead><tr>")
        lines.append(
            header.enumerated().map { column, title in
                "<th scope=\"col\"\(left.contains(column) ? " class=\"left\"" : "")>\(Escape.markup(title))</th>"
            }.joined())
        lines.append("</tr></thead><tbody>")
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                var styles = [cell.style].compactMap { $0 }
                if left.contains(column) { styles.append("left") }
                let attribute = styles.isEmpty ? "" : " class=\"\(styles.joined(separator: " "))\""
                let text = Escape.markup(cell.text)
                let content = cell.mark.map { "<span class=\"mark \($0)\">\(text)</span>" } ?? text
                return column == 0 ? "<th scope=\"row\"\(attribute)>\(content)</th>" : "<td\(attribute)>\(content)</td>"
            }
            lines.append("<tr>\(cells.joined())</tr>")
        }
        lines.append("</tbody></table></div>")
    }

    /// A picture with its summary; it scrolls where the page is narrow, so that its text stays readable.
    mutating func figure(_ svg: String?, label: String, caption: [String]) {
        guard let svg else { return }
        let name = Escape.markup(label)
        lines.append("<figure><div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(name)\">")
        lines.append(svg)
        lines.append("</div>")
        if !caption.isEmpty { element("figcaption", caption.joined(separator: " ")) }
        lines.append("</figure>")
    }
}
