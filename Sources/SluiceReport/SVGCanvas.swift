internal import SluiceModel

/// An SVG picture in the making. Colours come from the page's style sheet, by class, so that one picture serves light,
/// dark and print.
struct SVGCanvas {
    let width: Double
    let height: Double
    let id: String
    let title: String
    let description: String
    private var elements: [String] = []

    init(width: Double, height: Double, id: String, title: String, description: String) {
        self.width = width
        self.height = height
        self.id = id
        self.title = title
        self.description = description
    }

    enum Anchor: String { case start, middle, end }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) {
        elements.append(
            "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
                + "class=\"\(style)\"/>")
    }

    mutating func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, style: String) {
        elements.append(
            "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(max(0, width)))\" "
                + "height=\"\(number(max(0, height)))\" class=\"\(style)\"/>")
    }

    /// Several strokes in one path; strokes of one point are left out.
    mutating func path(_ strokes: [[(x: Double, y: Double)]], style: String) {
        let data = strokes.filter { $0.count > 1 }.map { stroke in
            "M" + stroke.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: "L")
        }.joined()
        if !data.isEmpty { elements.append("<path d=\"\(data)\" class=\"\(style)\"/>") }
    }

    mutating func dot(_ x: Double, _ y: Double, radius: Double, style: String) {
        elements.append(
            "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(radius))\" class=\"\(style)\"/>")
    }

    /// A cross, for a death.
    mutating func cross(_ x: Double, _ y: Double, size: Double, style: String) {
        path(
            [
                [(x - size, y - size), (x + size, y + size)].map { (x: $0.0, y: $0.1) },
                [(x - size, y + size), (x + size, y - size)].map { (x: $0.0, y: $0.1) },
            ], style: style)
    }

    mutating func text(_ x: Double, _ y: Double, _ text: String, anchor: Anchor = .start, style: String = "tick") {
        elements.append(
            "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\" class=\"\(style)\">"
                + "\(Escape.markup(text))</text>")
    }

    func render() -> String {
        let head =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\" "
            + "aria-labelledby=\"\(id)-title \(id)-description\">"
        return
            ([
                head, "<title id=\"\(id)-title\">\(Escape.markup(title))</title>",
                "<desc id=\"\(id)-description\">\(Escape.markup(description))</desc>",
            ] + elements + ["</svg>"]).joined(separator: "\n")
    }

    /// A tenth of a unit is finer than any screen shows.
    private func number(_ value: Double) -> String {
        let text = Units.fixed(value, decimals: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Widest a text of the axis size can be expected to become.
    static func estimatedWidth(_ text: String, size: Double = 12) -> Double { Double(text.count) * size * 0.58 }
}
