import Glibc
import SluiceModel

/// Sizes and durations that are drawn for each request.
extension Decoding {
    static let largestBodyBytes: Int64 = 1 << 30
    static let longestLatencyNanoseconds: Int64 = 3_600_000_000_000

    func sizeDistribution(_ value: YAMLValue) -> Distribution? {
        distribution(value, .sizeDistribution, what: "a size") { value in
            self.size(value, what: "a body's size", in: 0...Self.largestBodyBytes)
        }
    }

    func durationDistribution(_ value: YAMLValue) -> Distribution? {
        distribution(value, .durationDistribution, what: "a latency") { value in
            self.duration(value, what: "a latency", in: 0...Self.longestLatencyNanoseconds)
        }
    }

    /// A single value is a constant.
    private func distribution(
        _ value: YAMLValue, _ shape: FormatShape, what: String, _ number: (YAMLValue) -> Int64?
    ) -> Distribution? {
        if case .scalar = value.content { return number(value).map { .constant(Double($0)) } }
        guard let (key, value) = alternative(value, shape, what: what) else { return nil }
        switch key {
        case "constant": return number(value).map { .constant(Double($0)) }
        case "uniform":
            guard let ends = pair(list(value, what: "of the two ends")?.compactMap(number), value) else { return nil }
            guard ends.0 <= ends.1 else {
                report(value.position, "the first end is above the second", "the smaller end comes first")
                return nil
            }
            return .uniform(Double(ends.0), Double(ends.1))
        case "lognormal":
            guard let fields = fields(value, .logNormal, what: "`lognormal`") else { return nil }
            return logNormal(fields, number)
        case "percentiles": return percentiles(value, number)
        default:
            guard let fields = fields(value, .exponential, what: "`exponential`") else { return nil }
            return fields["mean"].flatMap(number).map { .exponential(mean: Double($0)) }
        }
    }

    /// The standard deviation of the logarithm, from the median and the 99th percentile.
    private func logNormal(_ fields: Fields, _ number: (YAMLValue) -> Int64?) -> Distribution? {
        guard let median = fields["median"].flatMap(number), let p99Value = fields["p99"], let p99 = number(p99Value)
        else { return nil }
        guard median > 0, p99 >= median else {
            report(p99Value.position, "the 99th percentile is below the median", "the median is above 0")
            return nil
        }
        // The 99th percentile of the standard normal distribution.
        let sigma = log(Double(p99) / Double(median)) / 2.326_347_874_040_841
        return .logNormal(median: Double(median), sigma: sigma)
    }

    /// Keys are `min`, percentiles such as `p50`, and `max`, which is needed.
    private func percentiles(_ value: YAMLValue, _ number: (YAMLValue) -> Int64?) -> Distribution? {
        guard let entries = mapping(value, what: "of percentiles") else { return nil }
        var percentiles: [Distribution.Percentile] = []
        for entry in entries {
            guard let share = entry.key == "min" ? 0 : Self.quantile(entry.key) else {
                report(
                    entry.keyPosition, "`\(entry.key)` is not a percentile",
                    "say `min`, `p50`, `p99`, `p99.9` or `max`, for example")
                return nil
            }
            guard let number = number(entry.value) else { return nil }
            if let last = percentiles.last, last.share >= share || last.value > Double(number) {
                report(entry.keyPosition, "`\(entry.key)` is out of order", "percentiles and values only rise")
                return nil
            }
            percentiles.append(Distribution.Percentile(share: share, value: Double(number)))
        }
        guard percentiles.last?.share == 1 else {
            report(value.position, "`max` is missing in the percentiles", "say how large the largest value is")
            return nil
        }
        return .percentiles(percentiles)
    }
}
