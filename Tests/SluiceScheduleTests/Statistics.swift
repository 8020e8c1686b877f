import SluiceSchedule

/// What the tests measure arrivals by.
enum Statistics {
    /// Variance over mean of the counts in bins: 0 for a clock, 1 for a Poisson process.
    static func fano(_ arrivals: [Arrival], binNanoseconds: Int64, seconds: Int) -> Double {
        var bins = [Double](repeating: 0, count: Int(Int64(seconds) * 1_000_000_000 / binNanoseconds))
        for arrival in arrivals { bins[Int(arrival.offsetNanoseconds / binNanoseconds)] += 1 }
        let mean = bins.reduce(0, +) / Double(bins.count)
        let variance = bins.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(bins.count - 1)
        return variance / mean
    }

    /// Largest distance between the distribution of the values and `cumulative` (Kolmogorov and Smirnov).
    static func kolmogorovSmirnov(_ values: [Double], cumulative: (Double) -> Double) -> Double {
        let sorted = values.sorted()
        let count = Double(sorted.count)
        return sorted.enumerated().reduce(0) { largest, element in
            let expected = cumulative(element.element)
            return max(
                largest, abs(Double(element.offset + 1) / count - expected),
                abs(expected - Double(element.offset) / count))
        }
    }

    /// The distance that a sample from the right distribution exceeds in one of a hundred cases.
    static func criticalDistance(count: Int) -> Double { 1.6276 / Double(count).squareRoot() }
}
