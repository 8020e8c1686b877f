internal import SluiceAnalysis
internal import SluiceModel

/// Memory over time, below a picture of latencies: the staircase of each worker, deaths, the cap, and collections.
struct MemoryPanel {
    let strategy: StrategySummary
    let style: String
    let frame: ChartFrame
    let x: Scale

    func draw(topBytes: Double, on canvas: inout SVGCanvas) {
        let memory = strategy.heap.decisive
        let y = Scale.linear(upTo: topBytes, from: frame.bottom, to: frame.top)
        frame.verticalAxis(
            &canvas, y, ticks: y.byteTicks(count: 3).map { ($0, Units.axisBytes($0)) }, title: title(memory.name))
        if Double(memory.capBytes) <= topBytes {
            canvas.line(frame.left, y(Double(memory.capBytes)), frame.right, y(Double(memory.capBytes)), style: "cap")
        }
        let isLinear = memory.name == strategy.heap.linear.name
        for curve in strategy.trials.flatMap(\.heapCurves) { draw(curve, isLinear: isLinear, y: y, on: &canvas) }
        for seconds in Self.collections(strategy) {
            canvas.line(x(seconds), frame.top, x(seconds), frame.top + 8, style: "collection")
        }
    }

    private func title(_ memory: String) -> String {
        Self.collections(strategy).isEmpty ? memory : "\(memory); strokes: a second with collections"
    }

    private func draw(_ curve: HeapCurve, isLinear: Bool, y: Scale, on canvas: inout SVGCanvas) {
        var strokes: [[(x: Double, y: Double)]] = [[]]
        var vm = -1
        for point in curve.points {
            guard let bytes = isLinear ? point.linearBytes : point.gcHeapBytes else { continue }
            let place = (x: x(point.seconds), y: y(Double(bytes)))
            if point.vm != vm { strokes.append([]) }
            vm = point.vm
            // The size holds until the instant at which it changes.
            if let last = strokes[strokes.count - 1].last, last.y != place.y {
                strokes[strokes.count - 1].append((x: place.x, y: last.y))
            }
            strokes[strokes.count - 1].append(place)
        }
        canvas.path(strokes, style: "line steps \(style)")
        for point in curve.points where point.event == .death {
            let bytes = (isLinear ? point.linearBytes : point.gcHeapBytes) ?? 0
            canvas.cross(x(point.seconds), y(Double(bytes)), size: 3, style: "fatal")
        }
    }

    /// Ends of the intervals in which the plugin's own count of collections rose, of all blocks and agents.
    static func collections(_ strategy: StrategySummary) -> [Double] {
        let series = strategy.metrics.filter { $0.role == Observation.Role.collections.rawValue }.flatMap(\.series)
        let seconds = series.flatMap { series in
            zip(series.points, series.points.dropFirst()).filter { $1.value > $0.value }.map(\.1.seconds)
        }
        return Set(seconds.map { $0.rounded() }).sorted()
    }
}
