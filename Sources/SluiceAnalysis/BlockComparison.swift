/// One quantile of a latency over the blocks of a run, against a limit: what the gate decides from.
///
/// A block gives one value, whatever the number of requests in it: requests of a trial hang together, trials do not.
/// Shares are of the limit's own reference: of the baseline, or, of an absolute budget, of its limit. 0.05: 5 % more.
package struct BlockComparison: Sendable, Codable, Equatable {
    /// Where the budget stands in the workload: `against_baseline.p99`, `response_time.p99`.
    package var name: String
    /// `response time p99 against go`.
    package var title: String
    /// Above 0, below 1.
    package var quantile: Double
    /// The strategy that the candidate is compared with; `nil` for an absolute budget.
    package var baseline: String?
    /// What the share may be at most.
    package var allowedFraction: Double
    /// In the order of the blocks, only those in which all trials have the quantile.
    package var blocks: [BlockValue]
    /// Blocks without a value: a trial had too few requests for the quantile, or is missing.
    package var blocksWithoutValue: Int
    /// The risk of each verdict on its side at this look, 0.05 or less.
    package var level: Double
    /// By the mean of the logarithms and Student's t; `nil` below two blocks and where a block is infinite.
    package var effect: EffectEstimate?
    /// By Hodges–Lehmann and signed ranks; a bound is absent where it is infinite or there are too few blocks.
    package var crossCheck: EffectEstimate?
    /// Of the logarithms, from block to block; `nil` where `effect` is.
    package var standardDeviation: Double?
    /// The smallest share that so many blocks tell from the limit with 95 % probability; `nil` where `effect` is.
    package var leastDetectableFraction: Double?
    /// What the values say now.
    package var outcome: Outcome

    /// What the values say.
    package enum Outcome: String, Sendable, Codable, Equatable { case pass, fail, open }
}

/// What one block says.
package struct BlockValue: Sendable, Codable, Equatable {
    /// From 0.
    package var block: Int
    /// `nil`: infinite, since more requests failed than the quantile leaves out.
    package var candidateNanoseconds: Int64?
    /// The geometric mean of the baseline's trials in this block; `nil`: infinite, or an absolute budget.
    package var baselineNanoseconds: Int64?
    /// `nil`: not finite.
    package var fraction: Double?
}

/// An estimate with the bounds that the truth crosses with the comparison's level on each side.
package struct EffectEstimate: Sendable, Codable, Equatable {
    /// `nil`: infinite.
    package var fraction: Double?
    /// `nil`: unbounded.
    package var lowerFraction: Double?
    /// `nil`: unbounded.
    package var upperFraction: Double?
}

/// The baseline against itself in the same run: what a comparison of equal modules comes to.
package struct ArmCheck: Sendable, Codable, Equatable {
    /// A strategy, and the same once more.
    package var baseline: String
    /// Its second name.
    package var again: String
    /// Above 0, below 1.
    package var quantile: Double
    /// With bounds that are crossed with a probability of 0.5 % on each side.
    package var effect: EffectEstimate?
    /// Blocks in which both have the quantile.
    package var blocks: Int
    /// Equal modules differ by more than chance: the comparison of others means nothing.
    package var differs: Bool
}

/// How a gate looked at its blocks, and what it saw.
package struct GateEvidence: Sendable, Codable, Equatable {
    /// Blocks that every strategy ran.
    package var blocks: Int
    /// After how many blocks the gate looks, ascending; the last is the most that it may take.
    package var looks: [Int]
    /// The risk at each look on each side.
    package var level: Double
    /// In the order of the budgets.
    package var comparisons: [BlockComparison]
    /// One for each relative budget; empty when the baseline ran only once in each block.
    package var armChecks: [ArmCheck]

    /// No verdict is open any more, or one has failed: further blocks would change nothing.
    package var isDecided: Bool {
        comparisons.contains { $0.outcome == .fail } || comparisons.allSatisfy { $0.outcome == .pass }
    }
}
