internal import SluiceModel

/// Budgets of latencies by what the blocks say: relative ones, and absolute ones where there are some blocks.
enum RelativeRules {
    /// From so many blocks on, absolute budgets are decided by them and not only by all requests in one pile.
    private static let enoughBlocks = 5

    static func name(_ budget: RelativeBudget) -> String { "against_baseline.\(quantileName(budget.quantile))" }

    static func title(_ budget: RelativeBudget, baseline: String) -> String {
        "response time \(quantileName(budget.quantile)) against \(baseline)"
    }

    /// Budgets against the baseline, in the order of the workload file.
    static func results(
        _ evidence: GateEvidence?, budgets: Budgets, baseline: String?, strategy: StrategySummary
    ) -> [BudgetResult] {
        budgets.againstBaseline.map { budget in
            var result = BudgetResult(
                name: name(budget), title: title(budget, baseline: baseline ?? "the baseline"), state: .inconclusive,
                measured: "n/a", limit: signed(budget.allowedFraction), excessFraction: nil, detail: "")
            guard let comparison = evidence?.comparisons.first(where: { $0.name == result.name }) else {
                result.detail =
                    baseline == nil
                    ? "no baseline is named"
                    : baseline == strategy.name
                        ? "the candidate is the baseline"
                        : strategy.trials.count < 2
                            ? "one block cannot tell an effect from chance" : "the baseline was not part of the run"
                return result
            }
            result.state = state(comparison.outcome)
            result.measured = measured(comparison)
            result.detail = comparison.words
            return result
        }
    }

    /// What the requests of all blocks together say, corrected by what the blocks say one by one.
    static func refine(_ pooled: BudgetResult, _ evidence: GateEvidence?) -> BudgetResult {
        guard let comparison = evidence?.comparisons.first(where: { $0.name == pooled.name && $0.baseline == nil })
        else { return pooled }
        var result = pooled
        guard comparison.blocks.count >= enoughBlocks else {
            // No interval between so few is narrow enough to be of use; but none of them may be beyond the limit.
            let isBeyond = comparison.blocks.contains { $0.fraction.map { $0 > 0 } ?? true }
            if pooled.state == .pass, isBeyond {
                result.state = .inconclusive
                result.detail = [pooled.detail, "not within it in every block"].filter { !$0.isEmpty }
                    .joined(separator: "; ")
            }
            return result
        }
        let isWithin = pooled.state == .pass || (pooled.excessFraction.map { $0 <= 0 } ?? false)
        switch (comparison.outcome, pooled.state) {
        case (.fail, .pass), (.fail, .inconclusive), (.fail, .fail): result.state = .fail
        case (.pass, .inconclusive) where isWithin: result.state = .pass
        case (.open, .pass): result.state = .inconclusive
        // Requests of one block hang together, so that their interval is too narrow to fail a finite figure.
        case (.open, .fail) where pooled.excessFraction != nil: result.state = .inconclusive
        default: break
        }
        result.detail = [pooled.detail, comparison.words].filter { !$0.isEmpty }.joined(separator: "; ")
        return result
    }

    private static func state(_ outcome: BlockComparison.Outcome) -> BudgetResult.State {
        switch outcome {
        case .pass: .pass
        case .fail: .fail
        case .open: .inconclusive
        }
    }

    private static func measured(_ comparison: BlockComparison) -> String {
        if let fraction = comparison.effect?.fraction { return signed(fraction) }
        return comparison.blocks.contains { $0.candidateNanoseconds == nil } ? "∞" : "n/a"
    }

    /// `+5.2 %`, `-1.0 %`.
    static func signed(_ fraction: Double) -> String {
        let percentage = Units.percentage(fraction: abs(fraction))
        return (fraction < 0 ? "−" : "+") + percentage
    }
}

extension EffectEstimate {
    /// `−1.2 % to +3.4 %`.
    package var range: String {
        let lower = lowerFraction.map(RelativeRules.signed)
        let upper = upperFraction.map(RelativeRules.signed)
        return switch (lower, upper) {
        case (let lower?, let upper?): "\(lower) to \(upper)"
        case (let lower?, nil): "\(lower) and more"
        case (nil, let upper?): "up to \(upper)"
        case (nil, nil): "unbounded"
        }
    }

    /// The estimate with its range.
    package var words: String { (fraction.map(RelativeRules.signed) ?? "∞") + " (\(range))" }
}

extension BlockComparison {
    /// The interval and what it takes to narrow it, in one sentence.
    package var words: String {
        var parts: [String] = []
        let infinite = self.blocks.count { $0.candidateNanoseconds == nil }
        if infinite > 0 {
            parts.append("infinitely slow in \(counted(infinite, "block")) of \(self.blocks.count), as too many failed")
        }
        if blocksWithoutValue > 0 {
            parts.append("\(counted(blocksWithoutValue, "block")) without enough requests for the quantile")
        }
        if let effect {
            parts.append(
                "\(counted(self.blocks.count, "block")): \(effect.range)"
                    + (baseline == nil ? " of the limit" : ""))
        }
        if let leastDetectableFraction {
            parts.append("least effect that this can show \(RelativeRules.signed(leastDetectableFraction))")
        }
        return parts.joined(separator: "; ")
    }
}

extension ArmCheck {
    /// What became of it, in one sentence.
    package var words: String {
        guard let effect else { return "\(baseline) was not compared with itself: too few blocks" }
        let what = "\(baseline) against itself, \(quantileName(quantile)): \(effect.words)"
        return differs ? "\(what); equal modules differ by more than chance" : "\(what), no difference"
    }
}
