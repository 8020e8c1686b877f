/// Writes HTML; every text passes through `Escape`, so that markup can only come from this code.
struct HTMLWriter {
    private(set) var lines: [String] = []

    /// Begins a page in the project's dress.
    init(title: String) {
        markup("<!doctype html>")
        markup("<html lang=\"en\"><head><meta charset=\"utf-8\">")
        markup("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        element("title", title)
        markup("<style>\(HTMLStyle.sheet)</style></head><body><main>")
    }

    /// Ends the page; its whole text.
    mutating func page() -> String {
        markup("</main></body></html>")
        return lines.joined(separator: "\n") + "\n"
    }

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
        /// Smaller, below the text.
        var note: String?

        init(_ text: String, style: String? = nil, mark: String? = nil, note: String? = nil) {
            self.text = text
            self.style = style
            self.mark = mark
            self.note = note
        }

        fileprivate var content: String {
            let escaped = HTMLWriter.escaped(text)
            let marked = mark.map { "<span class=\"mark \($0)\">\(escaped)</span>" } ?? escaped
            return marked + (note.map { "<span class=\"cell-note\">\(HTMLWriter.escaped($0))</span>" } ?? "")
        }
    }

    /// The first column heads its row. A table that is too wide for the page scrolls by itself, by keyboard as well; on
    /// a phone each row is a card and every value stands beside its column's name. Roles are written out, because
    /// browsers forget those of a table that is not laid out as one.
    mutating func table(caption: String, header: [String], rows: [[Cell]], left: Set<Int> = []) {
        lines.append("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(Escape.markup(caption))\">")
        lines.append("<table role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">")
        lines.append(
            header.enumerated().map { column, title in
                "<th scope=\"col\" role=\"columnheader\"\(left.contains(column) ? " class=\"left\"" : "")>"
                    + "\(Escape.markup(title))</th>"
            }.joined())
        lines.append("</tr></thead><tbody role=\"rowgroup\">")
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                var styles = [cell.style].compactMap { $0 }
                if left.contains(column) { styles.append("left") }
                let style = styles.isEmpty ? "" : " class=\"\(styles.joined(separator: " "))\""
                let title = Escape.markup(header[column])
                return column == 0
                    ? "<th scope=\"row\" role=\"rowheader\"\(style)>\(cell.content)</th>"
                    : "<td role=\"cell\" data-label=\"\(title)\"\(style)>\(cell.content)</td>"
            }
            lines.append("<tr role=\"row\">\(cells.joined())</tr>")
        }
        lines.append("</tbody></table></div>")
    }

    /// A picture with its summary, drawn for a page and for a phone.
    mutating func figure(
        caption: [String], legend: [(name: String, style: String)] = [], _ draw: (ChartLayout) -> String?
    ) {
        let pictures = ChartLayout.allCases.compactMap { layout in draw(layout).map { (layout, $0) } }
        guard !pictures.isEmpty else { return }
        lines.append("<figure>")
        for (layout, svg) in pictures { lines.append("<div class=\"\(layout.rawValue)\">\n\(svg)\n</div>") }
        if !legend.isEmpty {
            let items = legend.map { item in
                "<li><svg class=\"key\" viewBox=\"0 0 30 8\" aria-hidden=\"true\"><path d=\"M0 4L30 4\" "
                    + "class=\"line \(item.style)\"/></svg>\(Escape.markup(item.name))</li>"
            }
            lines.append("<ul class=\"legend\">\(items.joined())</ul>")
        }
        if !caption.isEmpty { element("figcaption", caption.joined(separator: " ")) }
        lines.append("</figure>")
    }
}
