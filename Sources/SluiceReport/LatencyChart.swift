internal import SluiceAnalysis
internal import SluiceModel

/// Response time second by second, and below it, on the same axis, the memories and what happened to them: a pause, the
/// growth that went with it and the collection that caused it stand above one another. One picture a strategy, all on
/// the same scales.
enum LatencyChart {
    private static let height = 340.0
    private static let latencyBottom = 186.0
    private static let memoryTop = 226.0
    private static let failureBand = 22.0

    static func render(
        _ strategy: StrategySummary, index: Int, in summary: RunSummary, _ layout: ChartLayout
    ) -> String? {
        let points = summary.strategies.flatMap(\.trials).flatMap(\.intervals)
        let values = (points.compactMap(\.medianNanoseconds) + points.compactMap(\.maximumNanoseconds)).filter {
            $0 > 0
        }
        guard let least = values.min(), let most = values.max(),
            strategy.trials.contains(where: { !$0.intervals.isEmpty })
        else { return nil }
        let frame = ChartFrame(layout, bottom: latencyBottom)
        let memory = ChartFrame(layout, bottom: height - ChartFrame.axisHeight, topMargin: memoryTop)
        let end = max(points.map(\.endSeconds).max() ?? 1, summary.run.durationSeconds)
        let x = Scale.linear(upTo: end, from: frame.left, to: frame.right)
        let y = Scale.logarithmic(
            Double(least), Double(most), from: frame.bottom, to: frame.top + failureBand + 6)
        var canvas = SVGCanvas(
            width: layout.width, height: height, id: layout.id("latency-\(index)"),
            title: "Response time and memory of \(strategy.name) over time", description: sentence(strategy))
        if summary.run.warmupSeconds > 0 {
            let width = x(summary.run.warmupSeconds) - frame.left
            for part in [frame, memory] {
                canvas.rectangle(part.left, part.top, width, part.bottom - part.top, style: "warmup")
            }
        }
        let ticks = x.linearTicks(count: 9).map { (value: $0, label: Units.axisNumber($0)) }
        for tick in ticks { canvas.line(x(tick.value), frame.top, x(tick.value), frame.bottom, style: "grid") }
        canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, style: "axis")
        memory.horizontalAxis(&canvas, x, ticks: ticks, title: "seconds since the start of the trial")
        frame.verticalAxis(
            &canvas, y, ticks: y.logarithmicTicks.map { ($0, Units.axisDuration(nanoseconds: $0)) },
            title: "response time")
        if strategy.counts.failed + strategy.warmupCounts.failed > 0 {
            drawFailures(strategy, frame: frame, x: x, on: &canvas)
        }
        for trial in strategy.trials { draw(trial, style: "s\(index % 6)", x: x, y: y, on: &canvas) }
        MemoryPanel(strategy: strategy, style: "s\(index % 6)", frame: memory, x: x)
            .draw(topBytes: HeapChart.topBytes(summary), on: &canvas)
        return canvas.render()
    }

    private static func draw(
        _ trial: TrialSummary, style: String, x: Scale, y: Scale, on canvas: inout SVGCanvas
    ) {
        func strokes(_ value: (IntervalPoint) -> Int64?) -> [[(x: Double, y: Double)]] {
            var strokes: [[(x: Double, y: Double)]] = [[]]
            for point in trial.intervals {
                guard let nanoseconds = value(point) else {
                    strokes.append([])
                    continue
                }
                strokes[strokes.count - 1].append(
                    (x: x((point.startSeconds + point.endSeconds) / 2), y: y(Double(nanoseconds))))
            }
            return strokes
        }
        canvas.path(strokes(\.maximumNanoseconds), style: "line slowest \(style)")
        canvas.path(strokes(\.p99Nanoseconds), style: "line p99 \(style)")
        canvas.path(strokes(\.medianNanoseconds), style: "line steps solid \(style)")
    }

    /// Bars of all blocks together; a full bar means that every request of the second failed.
    private static func drawFailures(
        _ strategy: StrategySummary, frame: ChartFrame, x: Scale, on canvas: inout SVGCanvas
    ) {
        var seconds: [Int: (failed: Int, total: Int)] = [:]
        for point in strategy.trials.flatMap(\.intervals) {
            let key = Int(point.startSeconds.rounded())
            seconds[key, default: (0, 0)].failed += point.failed
            seconds[key, default: (0, 0)].total += point.failed + point.answered
        }
        for (second, counts) in seconds.sorted(by: { $0.key < $1.key }) where counts.failed > 0 {
            let barHeight = max(1.5, failureBand * Double(counts.failed) / Double(counts.total))
            let left = x(Double(second))
            canvas.rectangle(
                left + 0.5, frame.top + failureBand - barHeight, max(1, x(Double(second + 1)) - left - 1), barHeight,
                style: "failed")
        }
        canvas.line(
            frame.left, frame.top + failureBand, frame.right, frame.top + failureBand, style: "axis")
        canvas.text(frame.left - 8, frame.top + failureBand / 2 + 4, "failed", anchor: .end)
    }

    /// What the picture shows.
    static func sentence(_ strategy: StrategySummary) -> String {
        let measured = strategy.trials.flatMap(\.intervals).filter { !$0.isWarmup }
        let medians = measured.compactMap(\.medianNanoseconds)
        guard let lowest = medians.min(), let highest = medians.max() else {
            return "\(strategy.name): no request of the measured phases was answered."
        }
        var text =
            "\(strategy.name): the median of a second's answered requests lies between "
            + "\(Units.duration(nanoseconds: lowest)) and "
            + "\(Units.duration(nanoseconds: highest))"
        if let slowest = measured.filter({ $0.maximumNanoseconds != nil }).max(by: {
            $0.maximumNanoseconds ?? 0 < $1.maximumNanoseconds ?? 0
        }), let nanoseconds = slowest.maximumNanoseconds {
            text +=
                "; the slowest answered request took \(Units.duration(nanoseconds: nanoseconds)), in second "
                + "\(Int(slowest.startSeconds.rounded()) + 1)"
        }
        let withFailures = measured.filter { $0.failed > 0 }
        if !withFailures.isEmpty {
            let silent = measured.filter { $0.failed > 0 && $0.answered == 0 }.count
            text += "; requests failed in \(grouped(withFailures.count)) of \(grouped(measured.count)) seconds"
            if silent > 0 { text += ", in \(grouped(silent)) of them all" }
        }
        return text + "."
    }
}
