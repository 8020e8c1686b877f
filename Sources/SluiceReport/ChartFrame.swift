/// For which width a chart is drawn. A chart that is shrunk to a phone has letters that nobody can read, so each is
/// drawn twice and the style sheet shows one of them.
enum ChartLayout: String, CaseIterable {
    case wide, narrow

    var width: Double { self == .wide ? 760 : 360 }
    var leftMargin: Double { self == .wide ? 74 : 60 }
    /// Names stand beside the ends of lines where there is room; a legend has them in any case.
    var hasNames: Bool { self == .wide }
    /// An identifier that is unique on the page.
    func id(_ name: String) -> String { self == .wide ? name : "\(name)-narrow" }
}

/// What all charts share: margins, axes with units, and names of lines that do not run into one another.
struct ChartFrame {
    static let lineHeight = 16.0
    /// What the axis below a chart takes.
    static let axisHeight = 44.0

    let width: Double
    let left: Double
    let top: Double
    let right: Double
    let bottom: Double

    /// - Parameters:
    ///   - bottom: where the horizontal axis is.
    ///   - rightMargin: holds the names of lines, if there are any.
    init(_ layout: ChartLayout, bottom: Double, rightMargin: Double = 16, topMargin: Double = 30) {
        width = layout.width
        left = layout.leftMargin
        top = topMargin
        right = layout.width - rightMargin
        self.bottom = bottom
    }

    func horizontalAxis(
        _ canvas: inout SVGCanvas, _ scale: Scale, ticks: [(value: Double, label: String)], title: String
    ) {
        var occupied = -Double.infinity
        for tick in ticks {
            let x = scale(tick.value)
            let half = SVGCanvas.estimatedWidth(tick.label) / 2
            canvas.line(x, top, x, bottom, style: "grid")
            guard x - half > occupied + 6 else { continue }
            // A label at the edge must not be cut.
            let anchor: SVGCanvas.Anchor = x + half > width ? .end : .middle
            canvas.text(x, bottom + 17, tick.label, anchor: anchor)
            occupied = x + half
        }
        canvas.line(left, bottom, right, bottom, style: "axis")
        canvas.text((left + right) / 2, bottom + 36, title, anchor: .middle, style: "axis-title")
    }

    func verticalAxis(
        _ canvas: inout SVGCanvas, _ scale: Scale, ticks: [(value: Double, label: String)], title: String
    ) {
        var occupied = Double.infinity
        for tick in ticks {
            let y = scale(tick.value)
            canvas.line(left, y, right, y, style: "grid")
            guard y + 7 < occupied else { continue }
            canvas.text(left - 8, y + 4, tick.label, anchor: .end)
            occupied = y - 7
        }
        canvas.text(8, top - 12, title, style: "axis-title")
    }

    /// A name at the right end of each line, moved apart where they would overlap, with a piece of the line before it.
    func names(_ canvas: inout SVGCanvas, _ names: [(y: Double, text: String, style: String)]) {
        let sorted = names.enumerated().sorted { ($0.element.y, $0.offset) < ($1.element.y, $1.offset) }
        var positions = sorted.map(\.element.y)
        for index in positions.indices.dropFirst() {
            positions[index] = max(positions[index], positions[index - 1] + Self.lineHeight)
        }
        let overflow = (positions.last ?? 0) - bottom
        if overflow > 0 {
            var limit = bottom
            for index in positions.indices.reversed() {
                positions[index] = min(positions[index], limit)
                limit = positions[index] - Self.lineHeight
            }
        }
        for (position, item) in zip(positions, sorted) {
            canvas.line(right + 8, position, right + 32, position, style: "line \(item.element.style)")
            canvas.text(right + 38, position + 4, item.element.text, style: "name \(item.element.style)")
        }
    }

    /// Room that names need at the right.
    static func nameMargin(_ names: [String]) -> Double {
        min(230, 46 + (names.map { SVGCanvas.estimatedWidth($0, size: 13) }.max() ?? 0))
    }
}
