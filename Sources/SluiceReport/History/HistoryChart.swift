internal import SluiceAnalysis
internal import SluiceModel

/// One metric over the runs: a dot a run, a line at each level, and a stroke where the level changed.
enum HistoryChart {
    private static let bottom = 150.0

    /// `nil` when no run has a number.
    static func render(_ metric: MetricHistory, id: String, style: Int, _ layout: ChartLayout) -> String? {
        guard let most = metric.values.compactMap(\.number).max() else { return nil }
        let frame = ChartFrame(layout, bottom: bottom)
        let isBytes = metric.metric == .heapHighWater
        // In bytes, or in microseconds: a scale from 0 to a number below 1 has no ticks.
        let unit = isBytes ? 1 : 1000.0
        let y = Scale.linear(upTo: most / unit * 1.1, from: frame.bottom, to: frame.top)
        let x = Scale.linear(upTo: Double(metric.values.count), from: frame.left, to: frame.right)
        var canvas = SVGCanvas(
            width: layout.width, height: bottom + ChartFrame.axisHeight, id: layout.id(id),
            title: "\(metric.metric.title) by run", description: sentence(metric))
        let ticks = isBytes ? y.byteTicks(count: 3) : y.linearTicks(count: 3)
        frame.verticalAxis(
            &canvas, y, ticks: ticks.map { ($0, isBytes ? Units.axisBytes($0) : metric.metric.words($0 * unit)) },
            title: metric.metric.title)
        frame.horizontalAxis(
            &canvas, x, ticks: x.linearTicks(count: 8).filter { $0 > 0 }.map { ($0, "\(Int($0))") },
            title: "run, in the order of time")
        for change in metric.changes {
            let place = x(Double(change.run) + 0.5)
            canvas.line(place, frame.top, place, frame.bottom, style: "cap")
        }
        for level in levels(metric) {
            let height = y(level.value / unit)
            canvas.line(
                x(Double(level.from) + 0.7), height, x(Double(level.to) + 0.3), height, style: "line steps s\(style)")
        }
        for (run, value) in metric.values.enumerated() {
            let place = x(Double(run) + 1)
            if let number = value.number {
                canvas.dot(place, y(number / unit), radius: 4, style: "dot s\(style)")
            } else if value.isInfinite {
                canvas.text(place, frame.top + 4, "∞", anchor: .middle, style: "cap-name")
            }
        }
        return canvas.render()
    }

    /// From the end of one change to the next; none without changes, where the dots say all.
    private static func levels(_ metric: MetricHistory) -> [(from: Int, to: Int, value: Double)] {
        guard let first = metric.changes.first else { return [] }
        let ends = metric.changes.dropFirst().map(\.run) + [metric.values.count]
        return [(0, first.run, first.before)]
            + zip(metric.changes, ends).map { (from: $0.run, to: $1, value: $0.after) }
    }

    /// What the picture shows.
    static func sentence(_ metric: MetricHistory) -> String {
        let known = metric.values.compactMap(\.number)
        guard let least = known.min(), let most = known.max() else {
            return "\(metric.metric.title): n/a in all of \(counted(metric.values.count, "run"))."
        }
        let absent = metric.values.count - known.count
        let (low, high) = (metric.metric.words(least), metric.metric.words(most))
        return "\(metric.metric.title): \(low == high ? low : "\(low) to \(high)") in "
            + "\(counted(known.count, "run"))\(absent > 0 ? ", infinite or n/a in \(absent)" : ""); "
            + "\(counted(metric.changes.count, "change point"))."
    }
}
