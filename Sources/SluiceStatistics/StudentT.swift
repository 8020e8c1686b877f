internal import Glibc

/// Student's t distribution.
package struct StudentT: Sendable {
    /// Above 0; a fraction is allowed.
    package let degreesOfFreedom: Double
    private let logBeta: Double

    /// From here on it is the normal distribution to nine digits.
    private static let normalFrom = 1e9

    package init(degreesOfFreedom: Double) {
        precondition(degreesOfFreedom > 0, "degrees of freedom are above 0")
        self.degreesOfFreedom = degreesOfFreedom
        logBeta = IncompleteBeta.logBetaOfHalf(degreesOfFreedom / 2)
    }

    /// The probability of a value up to `t`; of both infinities too.
    package func cumulative(_ t: Double) -> Double { t > 0 ? 1 - upperTail(t) : upperTail(-t) }

    /// The probability of a value above `t`: where it is small, `cumulative` has no digits left for it.
    package func survival(_ t: Double) -> Double { cumulative(-t) }

    /// The value that is exceeded with a probability of 1 − `probability`.
    ///
    /// - Parameter probability: above 0, below 1.
    package func quantile(_ probability: Double) -> Double {
        precondition(probability > 0 && probability < 1, "a probability is above 0 and below 1")
        let tail = min(probability, 1 - probability)
        var high = 1.0
        while upperTail(high) > tail, high < 1e300 { high *= 2 }
        var low = high > 1 ? high / 2 : 0
        // Until the two are neighbours.
        while true {
            let middle = low + (high - low) / 2
            if middle <= low || middle >= high { break }
            if upperTail(middle) > tail { low = middle } else { high = middle }
        }
        return probability < 0.5 ? -high : high
    }

    /// The probability beyond `t`, 0 or more.
    private func upperTail(_ t: Double) -> Double {
        guard t.isFinite else { return 0 }
        if degreesOfFreedom >= Self.normalFrom { return erfc(t / 2.0.squareRoot()) / 2 }
        let square = t * t
        let sum = degreesOfFreedom + square
        guard sum.isFinite else { return 0 }
        return 0.5
            * IncompleteBeta.regularised(
                x: degreesOfFreedom / sum, complement: square / sum, a: degreesOfFreedom / 2, b: 0.5,
                logBeta: logBeta)
    }
}
