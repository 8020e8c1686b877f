internal import SluiceAnalysis
internal import SluiceModel

/// Memory against the requests of a worker, one picture a strategy on the same scales: one staircase for each worker
/// and block, a cross where a VM died, and the cap.
enum HeapChart {
    private static let height = 230.0
    /// A cap that lies higher than this many times the highest staircase would flatten everything under it.
    private static let capWithinFactor = 3.0

    static func render(
        _ strategy: StrategySummary, index: Int, in summary: RunSummary, _ layout: ChartLayout
    ) -> String? {
        let memory = strategy.heap.decisive
        guard memory.highWaterBytes != nil else { return nil }
        let frame = ChartFrame(layout, bottom: height - ChartFrame.axisHeight)
        let x = Scale.linear(upTo: mostRequests(summary), from: frame.left, to: frame.right)
        let y = Scale.linear(upTo: topBytes(summary), from: frame.bottom, to: frame.top)
        var canvas = SVGCanvas(
            width: layout.width, height: height, id: layout.id("heap-\(index)"),
            title: "\(memory.name) of \(strategy.name) against requests", description: sentence(strategy))
        frame.horizontalAxis(
            &canvas, x, ticks: x.linearTicks(count: 8).map { ($0, grouped(Int($0))) },
            title: "requests that reached a VM of the worker")
        frame.verticalAxis(
            &canvas, y, ticks: y.byteTicks(count: 6).map { ($0, Units.axisBytes($0)) }, title: memory.name)
        if Double(memory.capBytes) <= y.domain.upperBound {
            let capY = y(Double(memory.capBytes))
            canvas.line(frame.left, capY, frame.right, capY, style: "cap")
            canvas.text(
                frame.right - 4, capY - 5, "cap \(Units.bytes(memory.capBytes))", anchor: .end, style: "cap-name")
        }
        let isLinear = memory.name == strategy.heap.linear.name
        for curve in strategy.trials.flatMap(\.heapCurves) {
            draw(curve, isLinear: isLinear, style: "s\(index % 6)", x: x, y: y, on: &canvas)
        }
        return canvas.render()
    }

    private static func draw(
        _ curve: HeapCurve, isLinear: Bool, style: String, x: Scale, y: Scale, on canvas: inout SVGCanvas
    ) {
        var strokes: [[(x: Double, y: Double)]] = []
        var stroke: [(x: Double, y: Double)] = []
        var vm = -1
        for point in curve.points {
            guard let bytes = isLinear ? point.linearBytes : point.gcHeapBytes else { continue }
            let place = (x: x(Double(point.workerRequests)), y: y(Double(bytes)))
            if point.vm != vm {
                strokes.append(stroke)
                stroke = []
                vm = point.vm
            }
            // The size holds until the request that changes it.
            if let last = stroke.last, last.y != place.y { stroke.append((x: place.x, y: last.y)) }
            stroke.append(place)
        }
        strokes.append(stroke)
        canvas.path(strokes, style: "line steps \(style)")
        for point in curve.points where point.event == .death {
            let bytes = (isLinear ? point.linearBytes : point.gcHeapBytes) ?? 0
            canvas.cross(x(Double(point.workerRequests)), y(Double(bytes)), size: 3.5, style: "death")
        }
    }

    private static func mostRequests(_ summary: RunSummary) -> Double {
        let points = summary.strategies.lazy.flatMap(\.trials).flatMap(\.heapCurves).flatMap(\.points)
        return Double(points.map(\.workerRequests).max() ?? 1)
    }

    /// The end of the scale of bytes that all pictures share.
    static func topBytes(_ summary: RunSummary) -> Double {
        let highest = Double(summary.strategies.compactMap(\.heap.decisive.highWaterBytes).max() ?? 1)
        let cap = Double(summary.run.memoryCapBytes)
        return cap <= highest * capWithinFactor ? max(cap, highest) * 1.12 : highest * 1.15
    }

    /// What the picture shows.
    static func sentence(_ strategy: StrategySummary) -> String {
        let memory = strategy.heap.decisive
        let curves = strategy.trials.reduce(0) { $0 + $1.heapCurves.count }
        var text = "\(strategy.name): \(memory.name), \(counted(curves, "staircase")). \(memory.explanation)"
        let leftOut = strategy.trials.flatMap(\.heapCurves).reduce(0) { $0 + $1.pointsLeftOut }
        if leftOut > 0 { text += " \(counted(leftOut, "later point")) are not drawn." }
        return text
    }

    /// Where the cap is when it is not in the pictures.
    static func capNote(_ summary: RunSummary) -> String {
        Double(summary.run.memoryCapBytes) <= topBytes(summary)
            ? "The dashed line is the memory cap of \(Units.bytes(summary.run.memoryCapBytes))."
            : "The memory cap of \(Units.bytes(summary.run.memoryCapBytes)) lies above the pictures."
    }
}
