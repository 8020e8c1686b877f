/// What the blocks of a comparison say about one quantity and its limit.
///
/// Each value is of one block: the log-ratio of the candidate's percentile to the baseline's, or the logarithm of the
/// candidate's own. Blocks are independent of one another; requests within a trial are not, and are never counted.
package struct BlockEvidence: Sendable {
    /// One a block. +∞: the candidate's percentile is infinite.
    package let values: [Double]
    /// What the mean behind the values may be at most.
    package let limit: Double
    /// `nil` for fewer than two values, or when one is not finite.
    package let interval: MeanInterval?
    /// `nil` without values.
    package let ranks: HodgesLehmann?

    package init(values: [Double], limit: Double) {
        self.values = values
        self.limit = limit
        interval = MeanInterval(values)
        ranks = values.isEmpty ? nil : HodgesLehmann(values)
    }

    /// The risk of calling it within its limit now.
    ///
    /// The t interval and the signed ranks must agree, so that no outlier and no shape of the distribution decides
    /// alone. A candidate that was infinitely slow in even one block is never within its limit.
    package func riskOfPassing(level: Double) -> Double {
        guard let ranks, !values.contains(.infinity) else { return 1 }
        return risk(interval?.probabilityIfAtLeast(limit), ranks.probabilityIfAtLeast(limit), level)
    }

    /// The risk of calling it beyond its limit now.
    package func riskOfFailing(level: Double) -> Double {
        guard let ranks else { return 1 }
        return risk(interval?.probabilityIfAtMost(limit), ranks.probabilityIfAtMost(limit), level)
    }

    /// Signed ranks of very few blocks cannot reach the level whatever the values are; then the t interval decides.
    private func risk(_ byMean: Double?, _ byRanks: Double, _ level: Double) -> Double {
        guard let byMean else { return values.count >= 2 ? byRanks : 1 }
        return canRanksDecide(level: level) ? max(byMean, byRanks) : byMean
    }

    /// Whether there are blocks enough for the signed ranks to say anything at this level.
    package func canRanksDecide(level: Double) -> Bool { ranks.map { $0.leastProbability <= level } ?? false }
}

/// What is known about each of several quantities after a look.
package enum LookOutcome: Sendable, Equatable {
    case pass, fail, open

    /// Passing is a claim on every quantity, and needs no correction: all must pass. Failing is a claim on any of
    /// them, and the more there are the likelier one fails by chance: Holm's correction.
    package static func of(_ evidence: [BlockEvidence], level: Double) -> [LookOutcome] {
        let failing = Holm.adjusted(evidence.map { $0.riskOfFailing(level: level) })
        return zip(evidence, failing).map { evidence, risk in
            if risk <= level { return .fail }
            return evidence.riskOfPassing(level: level) <= level ? .pass : .open
        }
    }
}
