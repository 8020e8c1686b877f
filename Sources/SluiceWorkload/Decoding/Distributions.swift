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
        default:
            guard let fields = fields(value, .exponential, what: "`exponential`") else { return nil }
            return fields["mean"].flatMap(number).map { .exponential(mean: Double($0)) }
        }
    }
}
