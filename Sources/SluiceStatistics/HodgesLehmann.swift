/// The centre of a symmetric distribution without any assumption on its shape: the median of the means of all pairs.
///
/// J. Hodges, E. Lehmann, Estimates of location based on rank tests, Annals of Mathematical Statistics 34 (1963).
/// Values may be infinite. The mean of two opposite infinities is unknown, and is taken for whatever decides less.
package struct HodgesLehmann: Sendable {
    /// Of the values.
    package let count: Int
    /// Walsh averages: the means of all pairs, each value with itself included.
    private let ascendingIfLow: [Double]
    private let ascendingIfHigh: [Double]
    private let distribution: SignedRank

    /// - Parameter values: one or more; none is not a number.
    package init(_ values: [Double]) {
        precondition(!values.isEmpty && !values.contains { $0.isNaN }, "values are numbers")
        count = values.count
        distribution = SignedRank(count: values.count)
        var averages: [Double] = []
        averages.reserveCapacity(values.count * (values.count + 1) / 2)
        for (index, left) in values.enumerated() {
            for right in values[index...] { averages.append(left / 2 + right / 2) }
        }
        guard averages.contains(where: \.isNaN) else {
            averages.sort()
            ascendingIfLow = averages
            ascendingIfHigh = averages
            return
        }
        ascendingIfLow = averages.map { $0.isNaN ? -.infinity : $0 }.sorted()
        ascendingIfHigh = averages.map { $0.isNaN ? .infinity : $0 }.sorted()
    }

    /// The median of the Walsh averages.
    package var estimate: Double {
        let middle = ascendingIfHigh.count / 2
        if ascendingIfHigh.count % 2 == 1 { return ascendingIfHigh[middle] }
        let mean = ascendingIfHigh[middle - 1] / 2 + ascendingIfHigh[middle] / 2
        return mean.isNaN ? ascendingIfHigh[middle] : mean
    }

    /// The exact lower confidence bound; `nil` when there are too few values for the level.
    ///
    /// - Parameter level: the probability of being wrong on this side, above 0, below ½.
    package func lowerBound(level: Double) -> Double? { distribution.critical(level).map { ascendingIfLow[$0] } }

    /// The exact upper confidence bound; `nil` when there are too few values for the level.
    package func upperBound(level: Double) -> Double? {
        distribution.critical(level).map { ascendingIfHigh[ascendingIfHigh.count - 1 - $0] }
    }

    /// The probability of values at least this high when the centre is at most `centre`: of the signed-rank test.
    package func probabilityIfAtMost(_ centre: Double) -> Double {
        distribution.cumulative(ascendingIfLow.count { $0 <= centre })
    }

    /// The probability of values at least this low when the centre is at least `centre`.
    package func probabilityIfAtLeast(_ centre: Double) -> Double {
        distribution.cumulative(ascendingIfHigh.count { $0 >= centre })
    }

    /// The smallest probability that the test can come to: 2 to the power of minus `count`.
    package var leastProbability: Double { distribution.cumulative(0) }
}
