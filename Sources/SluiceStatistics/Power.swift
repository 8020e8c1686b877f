internal import Glibc

/// What a comparison of so many blocks can show, when the log-ratios vary by so much from block to block.
package struct Power: Sendable, Equatable {
    /// Of the log-ratios, 0 or more: 0.06 is about 6 %.
    package var standardDeviation: Double
    /// The risk at the look in question, on one side.
    package var level: Double
    /// What the limit allows, as a log-ratio: ln 1.05 for +5 %.
    package var limit: Double

    /// The probability with which an effect should be found where nobody says otherwise.
    package static let usual = 0.95

    package init(standardDeviation: Double, level: Double, limit: Double) {
        self.standardDeviation = standardDeviation
        self.level = level
        self.limit = limit
    }

    /// The smallest true log-ratio that is told from the limit with this probability; `nil` below two blocks.
    package func leastEffect(blocks: Int, power: Double = usual) -> Double? {
        guard blocks >= 2 else { return nil }
        let distribution = StudentT(degreesOfFreedom: Double(blocks - 1))
        let quantiles = distribution.quantile(1 - level) + distribution.quantile(power)
        return limit + quantiles * standardDeviation / Double(blocks).squareRoot()
    }

    /// The probability with which this true log-ratio is told from the limit; `nil` below two blocks.
    package func probability(of effect: Double, blocks: Int) -> Double? {
        guard blocks >= 2 else { return nil }
        guard standardDeviation > 0 else { return effect > limit ? 1 : 0 }
        let distribution = StudentT(degreesOfFreedom: Double(blocks - 1))
        let distance = (effect - limit) * Double(blocks).squareRoot() / standardDeviation
        return distribution.cumulative(distance - distribution.quantile(1 - level))
    }

    /// The fewest blocks that tell this true log-ratio from the limit with this probability; `nil` when more than
    /// `atMost` would be needed.
    package func blocks(for effect: Double, power: Double = usual, atMost: Int = 1000) -> Int? {
        (2...max(2, atMost)).first { blocks in leastEffect(blocks: blocks, power: power).map { $0 <= effect } ?? false }
    }
}

/// What may still be true when something has not happened once.
package enum RuleOfThree {
    /// The rate below which it lies with 95 % confidence after `trials` without one: 3/n, at most 1.
    package static func bound(trials: Int) -> Double { trials > 0 ? min(1, 3 / Double(trials)) : 1 }
}
