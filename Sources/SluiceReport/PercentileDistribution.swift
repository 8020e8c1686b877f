package import SluiceAnalysis
internal import SluiceModel

/// The response-time spectrum of one strategy in the `.hgrm` layout that HdrHistogram's tools plot. Values are
/// milliseconds. Failed requests are part of the population, so the lines end where failures begin.
package enum PercentileDistribution {
    /// The whole file; without samples only its header and a remark.
    package static func render(_ strategy: StrategySummary) -> String {
        let distribution = strategy.responseTime
        var lines = [
            "\(padded("Value", 12)) \(padded("Percentile", 14)) \(padded("TotalCount", 10)) "
                + "\(padded("1/(1-Percentile)", 14))", "",
        ]
        for point in strategy.spectrum {
            let start = "\(milliseconds(point.nanoseconds)) \(percentile(point)) \(padded("\(point.rank)", 10))"
            lines.append(
                point.quantile < 1
                    ? "\(start) \(padded(Units.fixed(1 / (1 - point.quantile), decimals: 2), 14))" : start)
        }
        if let slowest = strategy.spectrum.last?.nanoseconds {
            let total = padded("\(distribution.population)", 12)
            lines.append("#[Max     = \(milliseconds(slowest)), Total count    = \(total)]")
        } else {
            lines.append("#[no samples]")
        }
        if distribution.infinite > 0 {
            lines.append(
                "# \(distribution.infinite) of \(distribution.population) requests failed and are infinitely slow.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func milliseconds(_ nanoseconds: Int64) -> String {
        padded(Units.fixed(Double(nanoseconds) / 1e6, decimals: 6), 12)
    }

    private static func percentile(_ point: LatencySpectrumPoint) -> String {
        // Nine decimals are what `Units` writes; the layout has twelve.
        Units.fixed(point.quantile, decimals: 9) + "000"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
