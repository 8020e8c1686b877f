internal import SluiceAnalysis
internal import SluiceModel

/// A figure of a sweep against the size of the heap, one line a strategy; a line begins where the strategy runs.
enum HeapSweepChart {
    private static let height = 280.0
    private static let longestName = 22
    /// Beyond this ratio between the highest and the lowest value a linear axis would hide the low ones.
    private static let linearUpToRatio = 10.0

    static func render(
        _ study: HeapStudy, _ metric: HeapStudyText.Metric, identifier: String, _ layout: ChartLayout
    ) -> String? {
        guard let sweep = study.sweep, let value = metric.value else { return nil }
        let values = sweep.points.compactMap(value).filter { $0 > 0 }
        guard let least = values.min(), let most = values.max() else { return nil }
        let drawn = study.strategies.enumerated().filter { _, strategy in
            sweep.points.contains { $0.strategy == strategy.name && value($0) != nil }
        }
        let names = drawn.map { TextTable.cut($0.element.name, to: longestName) }
        let frame = ChartFrame(
            layout, bottom: height - ChartFrame.axisHeight,
            rightMargin: layout.hasNames ? ChartFrame.nameMargin(names) : 14)
        let largest = Double(sweep.points.map(\.bytes).max() ?? 1)
        let x = Scale.linear(upTo: largest * 1.02, from: frame.left, to: frame.right)
        let isLinear = most / least <= linearUpToRatio
        let y =
            isLinear
            ? Scale.linear(upTo: most * 1.1, from: frame.bottom, to: frame.top)
            : Scale.logarithmic(least, most, from: frame.bottom, to: frame.top)
        var canvas = SVGCanvas(
            width: layout.width, height: height, id: layout.id(identifier),
            title: "\(metric.title) against heap size", description: sentences(study, metric).joined(separator: " "))
        frame.horizontalAxis(
            &canvas, x, ticks: x.byteTicks(count: layout.hasNames ? 8 : 4).map { ($0, Units.axisBytes($0)) },
            title: "heap size")
        frame.verticalAxis(
            &canvas, y,
            ticks: (isLinear ? y.linearTicks(count: 5) : y.logarithmicTicks).map {
                ($0, Units.axisDuration(nanoseconds: $0))
            }, title: metric.title)
        var labels: [(y: Double, text: String, style: String)] = []
        for ((index, strategy), name) in zip(drawn, names) {
            let style = "s\(index % 6)"
            let places = sweep.points.filter { $0.strategy == strategy.name }.compactMap { point in
                value(point).map { (x: x(Double(point.bytes)), y: y($0)) }
            }
            canvas.path([places], style: "line \(style)")
            // A strategy that runs in one size only has no line.
            for place in places { canvas.cross(place.x, place.y, size: 2.5, style: "line \(style)") }
            if let end = places.last { labels.append((end.y, name, style)) }
        }
        if layout.hasNames { frame.names(&canvas, labels) }
        return canvas.render()
    }

    /// What the picture shows.
    static func sentences(_ study: HeapStudy, _ metric: HeapStudyText.Metric) -> [String] {
        guard let sweep = study.sweep else { return [] }
        return study.strategies.map { strategy in
            let running = sweep.points.filter { $0.strategy == strategy.name && $0.doesNotRun == nil }
            guard let first = running.first, let last = running.last else {
                return "\(strategy.name) does not run in any of these sizes."
            }
            let end = first.bytes == last.bytes ? "" : ", \(metric.cell(last)) in \(Units.bytes(last.bytes))"
            return "\(strategy.name): \(metric.cell(first)) in \(Units.bytes(first.bytes))\(end)."
        }
    }
}
