internal import SluiceAnalysis
internal import SluiceModel

/// One dot a block: how many times as long a strategy took as the reference in the same block. What differs between
/// blocks is the machine; what all blocks agree on is the strategy.
enum BlockChart {
    private static let rowHeight = 40.0
    private static let quantiles = [0.5, 0.99]

    private struct Row {
        var title: String
        var style: String
        /// By block; `nil` where either has no figure.
        var ratios: [Double?]
    }

    /// The baseline that the workload names, or the first strategy.
    static func reference(_ summary: RunSummary) -> StrategySummary? {
        summary.baseline.flatMap { summary.strategy(named: $0) } ?? summary.strategies.first
    }

    /// `nil` when there is nothing to compare.
    static func render(_ summary: RunSummary, _ layout: ChartLayout) -> String? {
        let rows = rows(summary)
        let ratios = rows.flatMap(\.ratios).compactMap { $0 }.filter(\.isFinite)
        guard let reference = reference(summary), let least = ratios.min(), let most = ratios.max() else { return nil }
        let bottom = 30 + rowHeight * Double(rows.count)
        let frame = ChartFrame(layout, bottom: bottom, topMargin: 16)
        let x = Scale.logarithmic(min(least, 0.9), max(most, 1.1), from: frame.left, to: frame.right - 60)
        var canvas = SVGCanvas(
            width: layout.width, height: bottom + ChartFrame.axisHeight, id: layout.id("blocks-chart"),
            title: "Ratio to \(reference.name) by block", description: sentence(summary))
        frame.horizontalAxis(
            &canvas, x, ticks: x.logarithmicTicks.map { ($0, "\(Units.axisNumber($0)) ×") },
            title: "times the response time of \(TextTable.cut(reference.name, to: 20))")
        canvas.line(x(1), frame.top, x(1), frame.bottom, style: "axis")
        for (number, row) in rows.enumerated() {
            let y = frame.top + rowHeight * (Double(number) + 0.5) + 10
            canvas.text(8, y - 12, row.title, style: "name \(row.style)")
            let known = row.ratios.compactMap { $0 }
            for ratio in known where ratio.isFinite { canvas.dot(x(ratio), y, radius: 4, style: "dot \(row.style)") }
            let infinite = known.count { !$0.isFinite }
            if infinite > 0 {
                canvas.text(frame.right, y + 4, "\(infinite) × ∞", anchor: .end, style: "cap-name")
            }
        }
        return canvas.render()
    }

    private static func rows(_ summary: RunSummary) -> [Row] {
        guard summary.run.blocks > 1, let reference = reference(summary) else { return [] }
        return summary.strategies.enumerated().filter { $0.element.name != reference.name }.flatMap { index, strategy in
            quantiles.compactMap { quantile in
                let ratios = strategy.trials.map { ratio(of: $0, to: reference, at: quantile) }
                guard ratios.contains(where: { $0 != nil }) else { return nil }
                return Row(
                    title: "\(TextTable.cut(strategy.name, to: 22)) \(quantileName(quantile))", style: "s\(index % 6)",
                    ratios: ratios)
            }
        }
    }

    private static func ratio(of trial: TrialSummary, to reference: StrategySummary, at quantile: Double) -> Double? {
        guard let other = reference.trials.first(where: { $0.block == trial.block }) else { return nil }
        let figure = trial.responseTime.tabulated(quantile)
        guard let below = other.responseTime.tabulated(quantile).nanoseconds, below > 0 else { return nil }
        return figure.isInfinite ? .infinity : figure.nanoseconds.map { Double($0) / Double(below) }
    }

    /// What the picture shows.
    static func sentence(_ summary: RunSummary) -> String {
        let parts = rows(summary).map { row in
            let known = row.ratios.compactMap { $0 }.sorted()
            let words = known.map { $0.isFinite ? "\(Units.significant($0))" : "∞" }.joined(separator: ", ")
            return "\(row.title): \(words)"
        }
        return "Times the response time of \(reference(summary)?.name ?? "n/a") in the same block. "
            + parts.joined(separator: "; ") + "."
    }
}
