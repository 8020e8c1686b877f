internal import SluiceAnalysis
internal import SluiceModel

/// Minimum mutator utilisation as a table, and what its figures rest on.
enum UtilisationText {
    static let title = "Minimum mutator utilisation"
    static let meaning =
        "Of the worst window of each length, the share that the collector leaves to the plugin; more is better."

    static var header: [String] {
        ["strategy"] + MutatorUtilisation.windowsNanoseconds.map { Units.exactDuration(nanoseconds: $0) }
    }

    static func cells(_ strategy: StrategySummary) -> [String] {
        [strategy.name]
            + strategy.mutatorUtilisation.windows.map {
                $0.minimum.map { Units.percentage(fraction: $0) } ?? "n/a"
            }
    }

    /// One sentence for all strategies that say the same.
    static func notes(_ summary: RunSummary) -> [String] {
        var seen: [String] = []
        for text in summary.strategies.map(\.mutatorUtilisation.explanation) where !seen.contains(text) {
            seen.append(text)
        }
        return seen.map { text in
            let names = summary.strategies.filter { $0.mutatorUtilisation.explanation == text }.map(\.name)
            return names.count == summary.strategies.count ? text : "\(names.joined(separator: ", ")): \(text)"
        }
    }
}
