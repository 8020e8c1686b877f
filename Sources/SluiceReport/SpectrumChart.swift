internal import SluiceAnalysis
internal import SluiceModel

/// Response time over the quantiles, on an axis of nines: each strategy one line, which leaves the picture at the top
/// where its failed requests begin.
enum SpectrumChart {
    private static let height = 400.0
    private static let longestName = 22

    static func render(_ summary: RunSummary, _ layout: ChartLayout) -> String? {
        let drawn = summary.strategies.enumerated().filter { $0.element.responseTime.population > 0 }
        let values = drawn.flatMap { $0.element.spectrum.map(\.nanoseconds) }.filter { $0 > 0 }
        guard let least = values.min(), let most = values.max() else { return nil }
        let population = drawn.map(\.element.responseTime.population).max() ?? 1
        let names = drawn.map { TextTable.cut($0.element.name, to: longestName) }
        let frame = ChartFrame(
            layout, bottom: height - ChartFrame.axisHeight,
            rightMargin: layout.hasNames ? ChartFrame.nameMargin(names) : 14, topMargin: 40)
        let x = Scale(
            kind: .logarithmic, domain: 1...max(10, Double(population)), from: frame.left, to: frame.right)
        let y = Scale.logarithmic(
            Double(least), Double(most), from: frame.bottom, to: frame.top + 14 + 3 * Double(drawn.count))
        var canvas = SVGCanvas(
            width: layout.width, height: height, id: layout.id("spectrum"), title: "Response time by quantile",
            description: sentences(summary).joined(separator: " "))
        frame.horizontalAxis(
            &canvas, x, ticks: quantileTicks(upTo: population), title: "quantile of all requests, failed included")
        frame.verticalAxis(
            &canvas, y,
            ticks: y.logarithmicTicks.map { ($0, Units.axisDuration(nanoseconds: $0)) }, title: "response time")
        let hasFailures = drawn.contains { $0.element.responseTime.infinite > 0 }
        if hasFailures {
            canvas.line(frame.left, frame.top, frame.right, frame.top, style: "infinity")
            canvas.text(frame.left - 8, frame.top + 4, "∞ failed", anchor: .end)
        }
        var labels: [(y: Double, text: String, style: String)] = []
        var failing = 0
        for ((index, strategy), name) in zip(drawn, names) {
            // Lines that have left the picture run beside one another, not over one another.
            let top = frame.top + 3 * Double(failing)
            if strategy.responseTime.infinite > 0 { failing += 1 }
            let end = draw(strategy, style: "s\(index % 6)", x: x, y: y, top: top, on: &canvas)
            labels.append((end, name, "s\(index % 6)"))
        }
        if layout.hasNames { frame.names(&canvas, labels) }
        return canvas.render()
    }

    /// Returns where the line ends.
    private static func draw(
        _ strategy: StrategySummary, style: String, x: Scale, y: Scale, top: Double, on canvas: inout SVGCanvas
    ) -> Double {
        let distribution = strategy.responseTime
        let population = Double(distribution.population)
        func position(_ quantile: Double) -> Double { x(1 / max(1 - quantile, 1 / population)) }
        var solid: [(x: Double, y: Double)] = []
        var thin: [(x: Double, y: Double)] = []
        if let first = strategy.spectrum.first { solid.append((x(1), y(Double(first.nanoseconds)))) }
        for point in strategy.spectrum {
            let place = (x: position(point.quantile), y: y(Double(point.nanoseconds)))
            let beyond = distribution.population - point.rank
            if beyond >= SampleRule.enoughSamplesBeyond {
                solid.append(place)
            } else {
                if thin.isEmpty, let last = solid.last { thin.append(last) }
                thin.append(place)
            }
        }
        canvas.path([solid], style: "line \(style)")
        canvas.path([thin], style: "line thin \(style)")
        guard distribution.infinite > 0 else { return (thin.last ?? solid.last)?.y ?? top }
        let last = (thin.last ?? solid.last) ?? (x: x(1), y: top)
        canvas.path([[last, (x: last.x, y: top), (x: x.to, y: top)]], style: "line \(style)")
        return top
    }

    private static func quantileTicks(upTo population: Int) -> [(value: Double, label: String)] {
        let ticks: [(Double, String)] = [
            (1, "0 %"), (2, "50 %"), (10, "90 %"), (100, "99 %"), (1e3, "99.9 %"), (1e4, "99.99 %"),
            (1e5, "99.999 %"), (1e6, "99.9999 %"), (1e7, "99.99999 %"),
        ]
        return ticks.filter { $0.0 <= max(10, Double(population)) }.map { (value: $0.0, label: $0.1) }
    }

    /// What the picture shows.
    static func sentences(_ summary: RunSummary) -> [String] {
        var sentences: [String] = []
        let finite = summary.strategies.filter { $0.responseTime.infinite == 0 && $0.responseTime.samples > 0 }
        for strategy in finite {
            sentences.append(
                "\(strategy.name): half of the requests within \(strategy.responseTime.median.words), the slowest "
                    + "\(strategy.responseTime.maximum.words)"
                    + (strategy.responseTime.p99.isAvailable ? ", p99 \(strategy.responseTime.p99.words)." : "."))
        }
        for strategy in summary.strategies where strategy.responseTime.infinite > 0 {
            let share = Double(strategy.responseTime.samples) / Double(strategy.responseTime.population)
            sentences.append(
                strategy.responseTime.samples == 0
                    ? "\(strategy.name): every request failed."
                    : "\(strategy.name): the line leaves at \(Units.percentage(fraction: share)), where its "
                        + "\(counted(strategy.responseTime.infinite, "failed request")) begin.")
        }
        if summary.strategies.contains(where: { $0.responseTime.population > 0 }) {
            sentences.append(
                "The thin end of a line has fewer than \(SampleRule.enoughSamplesBeyond) samples beyond it.")
        }
        return sentences
    }
}

extension Units {
    /// For ticks, which are round: `500 µs`, `2 ms`, `1 s`.
    static func axisDuration(nanoseconds: Double) -> String {
        let (scaled, unit): (Double, String) =
            switch nanoseconds {
            case ..<999.5: (nanoseconds, "ns")
            case ..<999_500: (nanoseconds / 1e3, "µs")
            case ..<999_500_000: (nanoseconds / 1e6, "ms")
            default: (nanoseconds / 1e9, "s")
            }
        return "\(axisNumber(scaled)) \(unit)"
    }

    /// For ticks that are multiples of powers of two: `64 MiB`, `1.5 GiB`.
    static func axisBytes(_ bytes: Double) -> String {
        switch bytes {
        case 0: "0"
        case ..<1_048_576: "\(axisNumber(bytes / 1024)) KiB"
        case ..<1_073_741_824: "\(axisNumber(bytes / 1_048_576)) MiB"
        default: "\(axisNumber(bytes / 1_073_741_824)) GiB"
        }
    }

    /// Without decimals that say nothing.
    static func axisNumber(_ value: Double) -> String {
        var text = fixed(value, decimals: 3)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
