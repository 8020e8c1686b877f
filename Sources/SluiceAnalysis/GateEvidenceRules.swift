internal import Glibc
package import SluiceModel
internal import SluiceStatistics

extension GateEvidence {
    /// The risk on each side at which the baseline must not differ from itself.
    private static let armLevel = 0.005
    /// A quantile, and where its values come from.
    private struct Question {
        var name: String
        var title: String
        var quantile: Double
        var baseline: String?
        /// ln of 1 + the allowed share, or of the limit in nanoseconds.
        var limit: Double
        var allowedFraction: Double
        var values: [(block: Int, candidate: Double, baseline: Double?)]
        var blocksWithoutValue: Int

        /// As logarithms.
        var logarithms: [Double] {
            values.map { value in value.baseline.map { BlockLogarithms.ratio(value.candidate, $0) } ?? value.candidate }
        }
        /// What a share is a share of: nothing to take off for a ratio.
        var reference: Double { baseline == nil ? limit : 0 }
    }

    /// `nil` when the candidate has fewer than two trials, or no budget is of a quantile of a latency.
    package init?(_ summary: RunSummary, budgets: Budgets, candidate: String) {
        let most = summary.strategy(named: candidate)?.trials.count { $0.status == .complete } ?? 0
        let questions =
            Self.absolute(summary, budgets, candidate) + Self.relative(summary, budgets, candidate)
        guard most >= 2, !questions.isEmpty else { return nil }
        let plan =
            summary.atMostBlocks.map { LookPlan.sequential(atMost: $0) } ?? LookPlan.fixed(blocks: most)
        let evidence = questions.map { BlockEvidence(values: $0.logarithms, limit: $0.limit) }
        let outcomes = LookOutcome.of(evidence, level: plan.level)
        self.init(
            blocks: most, looks: plan.looks, level: plan.level,
            comparisons: zip(zip(questions, evidence), outcomes).map {
                Self.comparison($0.0, $0.1, $1, level: plan.level)
            }, armChecks: Self.armChecks(summary, budgets))
    }

    private static func absolute(_ summary: RunSummary, _ budgets: Budgets, _ candidate: String) -> [Question] {
        func questions(
            _ key: String, _ title: String, _ limits: [QuantileBudget],
            _ latency: KeyPath<TrialSummary, LatencyDistribution>
        ) -> [Question] {
            limits.filter { $0.quantile < 1 }.map { budget in
                let logarithms = BlockLogarithms(
                    summary, strategies: [candidate], quantile: budget.quantile, of: latency)
                let values = logarithms.blocks.compactMap { block in
                    logarithms.value(candidate, block).map { (block: block, candidate: $0, baseline: Double?.none) }
                }
                let name = quantileName(budget.quantile)
                return Question(
                    name: "\(key).\(name)", title: "\(title) \(name)", quantile: budget.quantile, baseline: nil,
                    limit: log(Double(budget.limitNanoseconds)), allowedFraction: 0, values: values,
                    blocksWithoutValue: logarithms.blocks.count - values.count)
            }
        }
        return questions("response_time", "response time", budgets.responseTime, \.responseTime)
            + questions("service_time", "service time", budgets.serviceTime, \.serviceTime)
    }

    private static func relative(_ summary: RunSummary, _ budgets: Budgets, _ candidate: String) -> [Question] {
        guard let baseline = summary.baseline, baseline != candidate, summary.strategy(named: baseline) != nil else {
            return []
        }
        let again = summary.baselineAgain.flatMap { summary.strategy(named: $0)?.name }
        let baselines = [baseline] + [again].compactMap { $0 }
        return budgets.againstBaseline.map { budget in
            let logarithms = BlockLogarithms(summary, strategies: [candidate] + baselines, quantile: budget.quantile)
            let values = logarithms.blocks.compactMap { block in
                logarithms.value(candidate, block).flatMap { own in
                    logarithms.mean(baselines, block).map { (block: block, candidate: own, baseline: Double?.some($0)) }
                }
            }
            return Question(
                name: RelativeRules.name(budget), title: RelativeRules.title(budget, baseline: baseline),
                quantile: budget.quantile, baseline: baseline, limit: log1p(budget.allowedFraction),
                allowedFraction: budget.allowedFraction, values: values,
                blocksWithoutValue: logarithms.blocks.count - values.count)
        }
    }

    private static func comparison(
        _ question: Question, _ evidence: BlockEvidence, _ outcome: LookOutcome, level: Double
    ) -> BlockComparison {
        let deviation = evidence.interval?.standardDeviation
        let least = deviation.flatMap {
            Power(standardDeviation: $0, level: level, limit: question.limit).leastEffect(blocks: evidence.values.count)
        }
        return BlockComparison(
            name: question.name, title: question.title, quantile: question.quantile, baseline: question.baseline,
            allowedFraction: question.allowedFraction,
            blocks: zip(question.values, evidence.values).map { value, logarithm in
                BlockValue(
                    block: value.block, candidateNanoseconds: BlockLogarithms.nanoseconds(value.candidate),
                    baselineNanoseconds: value.baseline.flatMap(BlockLogarithms.nanoseconds),
                    fraction: BlockLogarithms.fraction(logarithm - question.reference))
            }, blocksWithoutValue: question.blocksWithoutValue, level: level,
            effect: evidence.interval.map { estimate($0, level: level, reference: question.reference) },
            crossCheck: evidence.ranks.map { estimate($0, level: level, reference: question.reference) },
            standardDeviation: deviation,
            leastDetectableFraction: BlockLogarithms.fraction(least.map { $0 - question.reference }),
            outcome: outcome == .pass ? .pass : outcome == .fail ? .fail : .open)
    }

    private static func estimate(_ interval: MeanInterval, level: Double, reference: Double) -> EffectEstimate {
        let margin = interval.margin(level: level)
        return EffectEstimate(
            fraction: BlockLogarithms.fraction(interval.mean - reference),
            lowerFraction: BlockLogarithms.fraction(interval.mean - margin - reference),
            upperFraction: BlockLogarithms.fraction(interval.mean + margin - reference))
    }

    private static func estimate(_ ranks: HodgesLehmann, level: Double, reference: Double) -> EffectEstimate {
        EffectEstimate(
            fraction: BlockLogarithms.fraction(ranks.estimate - reference),
            lowerFraction: BlockLogarithms.fraction(ranks.lowerBound(level: level).map { $0 - reference }),
            upperFraction: BlockLogarithms.fraction(ranks.upperBound(level: level).map { $0 - reference }))
    }

    /// Several quantiles share the risk.
    static func armChecks(_ summary: RunSummary, _ budgets: Budgets) -> [ArmCheck] {
        guard let baseline = summary.baseline, let again = summary.baselineAgain,
            summary.strategy(named: again) != nil
        else { return [] }
        let level = armLevel / Double(max(1, budgets.againstBaseline.count))
        return budgets.againstBaseline.map { budget in
            let logarithms = BlockLogarithms(summary, strategies: [baseline, again], quantile: budget.quantile)
            let values = logarithms.blocks.compactMap { block in
                logarithms.value(again, block).flatMap { second in
                    logarithms.value(baseline, block).map { BlockLogarithms.ratio(second, $0) }
                }
            }
            let evidence = BlockEvidence(values: values, limit: 0)
            let interval = evidence.interval
            let risk = interval.map { min($0.probabilityIfAtMost(0), $0.probabilityIfAtLeast(0)) } ?? 1
            return ArmCheck(
                baseline: baseline, again: again, quantile: budget.quantile,
                effect: interval.map { estimate($0, level: level, reference: 0) }, blocks: values.count,
                differs: risk <= level)
        }
    }
}
