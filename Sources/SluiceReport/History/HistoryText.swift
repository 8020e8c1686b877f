internal import SluiceAnalysis
internal import SluiceModel

/// Words and cells of a history that its formats share.
enum HistoryText {
    static let note =
        "For information: machines change from day to day, and no release is decided by this. Compare with sluice gate."

    static func title(_ history: RunHistory) -> String {
        "\(history.workload) · \(counted(history.runs.count, "run")) that can be compared"
    }

    /// What the runs have in common.
    static func conditions(_ history: RunHistory) -> String {
        let host = history.host
        return "Compared with run \(history.reference): the same text of the workload, seed \(history.seed), "
            + "engine \(history.engines.isEmpty ? "n/a" : history.engines.joined(separator: ", ")), on "
            + "\(host.cpu), \(counted(host.cpuCount, "CPU")), kernel \(host.kernel)."
    }

    static let header = ["run", "started", "module"] + HistoryMetric.allCases.map(\.title) + ["heap"]
    static let wordColumns: Set<Int> = [1, 2, 7]

    /// One row for each run that has the strategy.
    static func rows(_ strategy: StrategyHistory, of history: RunHistory) -> [[String]] {
        history.runs.indices.compactMap { index in
            guard let modules = strategy.modules[index] else { return nil }
            let run = history.runs[index]
            let hashes = modules.map { String($0.prefix(8)) }.joined(separator: ",")
            return [run.id, ReportText.date(run.startedAtSeconds), hashes.isEmpty ? "n/a" : hashes]
                + strategy.metrics.map { cell($0, index) } + [strategy.heapVerdicts[index]?.word ?? "n/a"]
        }
    }

    private static func cell(_ metric: MetricHistory, _ index: Int) -> String {
        let value = metric.values[index]
        let words = value.isInfinite ? "∞" : value.number.map(metric.metric.words) ?? "n/a"
        return metric.changes.contains { $0.run == index } ? "* \(words)" : words
    }

    /// Change points in words, or why there are none.
    static func changes(_ strategy: StrategyHistory, of history: RunHistory) -> [String] {
        let lines = strategy.metrics.flatMap { metric in metric.changes.map { sentence($0, metric, history) } }
        if !lines.isEmpty { return lines }
        let most = strategy.metrics.map { $0.values.count { $0.number != nil } }.max() ?? 0
        return most < RunHistory.leastRuns
            ? ["Too few runs for change points: \(most) with figures, \(RunHistory.leastRuns) are needed."]
            : ["No change point."]
    }

    private static func sentence(_ change: HistoryChange, _ metric: MetricHistory, _ history: RunHistory) -> String {
        let run = history.runs[change.run]
        let ratio = change.after / change.before - 1
        let sign = ratio < 0 ? "-" : "+"
        return "* \(metric.metric.title) changed at run \(run.id): \(metric.metric.words(change.before)) → "
            + "\(metric.metric.words(change.after)) (\(sign)\(Units.percentage(fraction: abs(ratio)))), p "
            + "\(probability(change.probability)); "
            + (change.modulesChanged ? "the modules changed there too." : "with the same modules.")
    }

    private static func probability(_ value: Double) -> String {
        value < 0.0001 ? "below 0.0001" : "= \(Units.fixed(value, decimals: 4))"
    }

    static func leftOut(_ history: RunHistory) -> [String] { history.leftOut.map { "\($0.id): \($0.reason)" } }
}
