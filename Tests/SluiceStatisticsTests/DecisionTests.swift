import Foundation
import SluiceStatistics
import Testing

@Suite struct `Decisions from blocks` {
    private let limit = log(1.05)

    @Test func `a candidate that was infinitely slow in one block never passes`() {
        var values = [Double](repeating: -0.5, count: 40)
        values[17] = .infinity
        let evidence = BlockEvidence(values: values, limit: limit)
        #expect(evidence.riskOfPassing(level: 0.0177) == 1)
        #expect(LookOutcome.of([evidence], level: 0.0177) == [.open])
        #expect(evidence.interval == nil)
    }

    @Test func `one that is infinitely slow in every block fails`() {
        let evidence = BlockEvidence(values: [Double](repeating: .infinity, count: 8), limit: limit)
        #expect(LookOutcome.of([evidence], level: 0.0177) == [.fail])
        #expect(evidence.ranks?.estimate == .infinity)
    }

    @Test func `a baseline that is infinitely slow makes no candidate fail`() {
        let evidence = BlockEvidence(values: [Double](repeating: -.infinity, count: 8), limit: limit)
        #expect(LookOutcome.of([evidence], level: 0.0177) == [.pass])
        let both = BlockEvidence(values: [.infinity, -.infinity, .infinity, -.infinity, 0, 0, 0, 0], limit: limit)
        #expect(LookOutcome.of([both], level: 0.0177) == [.open])
    }

    @Test func `one block, or none, decides nothing`() {
        #expect(LookOutcome.of([BlockEvidence(values: [], limit: 0)], level: 0.05) == [.open])
        #expect(LookOutcome.of([BlockEvidence(values: [-3], limit: 0)], level: 0.05) == [.open])
        #expect(LookOutcome.of([BlockEvidence(values: [3], limit: 0)], level: 0.05) == [.open])
    }

    @Test func `with too few blocks for signed ranks the t interval decides alone`() {
        let evidence = BlockEvidence(values: [-0.50, -0.51, -0.49], limit: 0)
        #expect(!evidence.canRanksDecide(level: 0.05))
        #expect(LookOutcome.of([evidence], level: 0.05) == [.pass])
    }

    @Test func `an outlier that moves the mean beyond the limit does not fail it`() {
        // The t interval alone would be wide; the ranks keep the centre where it is.
        let values = [0.0, 0.01, -0.01, 0.02, -0.02, 0.005, -0.005, 3]
        #expect(LookOutcome.of([BlockEvidence(values: values, limit: limit)], level: 0.0177) == [.open])
    }

    @Test func `of many metrics one that barely fails does not fail the gate`() {
        func evidence(_ shift: Double) -> BlockEvidence {
            let noise = [0.011, -0.012, 0.023, -0.021, 0.032, -0.034, 0.005, -0.004]
            return BlockEvidence(values: noise.map { limit + shift + $0 }, limit: limit)
        }
        let barely = evidence(0.03)
        #expect(LookOutcome.of([barely], level: 0.0177) == [.fail])
        let others = [BlockEvidence](repeating: evidence(-0.1), count: 3)
        #expect(LookOutcome.of([barely] + others, level: 0.0177) == [.open, .pass, .pass, .pass])
        #expect(LookOutcome.of([evidence(0.2)] + others, level: 0.0177)[0] == .fail)
    }

    @Test func `looks end where they may`() {
        #expect(LookPlan.sequential(atMost: 40).looks == [8, 16, 24, 40])
        #expect(LookPlan.sequential(atMost: 40).level == 0.0177)
        #expect(LookPlan.sequential(atMost: 100).looks == [8, 16, 24, 40])
        #expect(LookPlan.sequential(atMost: 20).looks == [8, 16, 20])
        #expect(LookPlan.sequential(atMost: 16).looks == [8, 16])
        #expect(LookPlan.sequential(atMost: 8) == LookPlan.fixed(blocks: 8))
        #expect(LookPlan.sequential(atMost: 3).looks == [3])
        #expect(LookPlan.sequential(atMost: 0).looks == [1])
    }

    /// Blocks for 95 % power on +10 %, of the method's table: by δ and standard deviation.
    @Test(arguments: [
        (0.0, [0.03, 0.04, 0.05, 0.06, 0.08, 0.10], [4, 4, 5, 6, 10, 14]),
        (0.05, [0.03, 0.04, 0.05, 0.06, 0.08, 0.10], [7, 10, 14, 20, 34, 52]),
    ]) func `the number of blocks that an effect needs`(budget: Double, deviations: [Double], blocks: [Int]) {
        for (deviation, expected) in zip(deviations, blocks) {
            let power = Power(standardDeviation: deviation, level: 0.05, limit: log(1 + budget))
            #expect(abs((power.blocks(for: log(1.10)) ?? 0) - expected) <= 1)
        }
    }

    @Test func `power and least effect are each other's inverse`() throws {
        let power = Power(standardDeviation: 0.06, level: 0.0177, limit: limit)
        for blocks in [8, 16, 24, 40] {
            let effect = try #require(power.leastEffect(blocks: blocks))
            #expect(abs(try #require(power.probability(of: effect, blocks: blocks)) - 0.95) < 1e-9)
        }
        #expect(power.leastEffect(blocks: 1) == nil)
        #expect(power.blocks(for: limit) == nil)
        #expect(Power(standardDeviation: 0, level: 0.05, limit: 0).probability(of: 0.01, blocks: 2) == 1)
    }

    @Test func `nothing in so many`() {
        #expect(RuleOfThree.bound(trials: 3000) == 0.001)
        #expect(RuleOfThree.bound(trials: 1) == 1)
        #expect(RuleOfThree.bound(trials: 0) == 1)
        // The exact bound is 1 − 0.05^(1/n), a little lower.
        for trials in [10, 59, 1000] { #expect(RuleOfThree.bound(trials: trials) > 1 - pow(0.05, 1 / Double(trials))) }
    }
}
