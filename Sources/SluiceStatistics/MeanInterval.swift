internal import Glibc

/// The mean of independent values, and what Student's t distribution says about the mean behind them.
package struct MeanInterval: Sendable, Equatable {
    /// 2 or more.
    package let count: Int
    /// Of the values.
    package let mean: Double
    /// Of the values, with n − 1.
    package let standardDeviation: Double

    /// `nil` for fewer than two values, and when one of them is not finite: the interval does not exist.
    package init?(_ values: [Double]) {
        guard values.count >= 2, values.allSatisfy(\.isFinite) else { return nil }
        let number = Double(values.count)
        let mean = values.reduce(0, +) / number
        self.mean = mean
        count = values.count
        standardDeviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (number - 1)).squareRoot()
    }

    private var standardError: Double { standardDeviation / Double(count).squareRoot() }
    private var distribution: StudentT { StudentT(degreesOfFreedom: Double(count - 1)) }

    /// Half of the interval with this probability of being wrong on each side.
    ///
    /// - Parameter level: above 0, below ½.
    package func margin(level: Double) -> Double { distribution.quantile(1 - level) * standardError }

    /// The probability of a mean at least this high when the one behind it is at most `centre`.
    package func probabilityIfAtMost(_ centre: Double) -> Double { distribution.survival(distance(centre)) }

    /// The probability of a mean at least this low when the one behind it is at least `centre`.
    package func probabilityIfAtLeast(_ centre: Double) -> Double { distribution.cumulative(distance(centre)) }

    /// In standard errors. Values that are all equal leave no doubt, and on the centre itself nothing but doubt.
    private func distance(_ centre: Double) -> Double {
        if standardError > 0 { return (mean - centre) / standardError }
        return mean == centre ? 0 : mean > centre ? .infinity : -.infinity
    }
}
