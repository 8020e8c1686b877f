import Foundation
import SluiceStatistics
import Testing

/// Error rates of the gate's rule where the truth is known: log-ratios drawn with a given spread.
@Suite struct `Error rates of the gate` {
    private static let limit = log(1.05)
    private static let gates = SimulationSize.of(reduced: 400, full: 20_000)

    private func tally(effect: Double, deviation: Double, seed: UInt64, outliers: Double = 0) -> GateTally {
        var random = SimulationRandom(seed: seed)
        var tally = GateTally()
        for _ in 0..<Self.gates {
            SimulatedGate.run(limit: Self.limit, into: &tally) {
                let outlier = random.unit() <= outliers ? 4 * deviation * random.normal() : 0
                return log(effect) + deviation * random.normal() + outlier
            }
        }
        SimulationSize.report(
            "effect \(effect), deviation \(deviation), outliers \(outliers): \(tally.words)")
        return tally
    }

    @Test(arguments: [0.03, 0.06, 0.075]) func `the same twice does not fail`(deviation: Double) {
        let tally = tally(effect: 1, deviation: deviation, seed: 1)
        #expect(tally.failRate <= tally.allowed(0.01))
        #expect(tally.passRate >= tally.required(0.96))
    }

    @Test(arguments: [0.03, 0.06, 0.10], [0, 0.05]) func `at the limit itself neither error is likelier than 5 %`(
        deviation: Double, outliers: Double
    ) {
        let tally = tally(effect: 1.05, deviation: deviation, seed: 2, outliers: outliers)
        #expect(tally.failRate <= tally.allowed(0.05))
        #expect(tally.passRate <= tally.allowed(0.05))
    }

    @Test(arguments: [0.03, 0.06, 0.075]) func `10 % more fails and does not pass`(deviation: Double) {
        let tally = tally(effect: 1.10, deviation: deviation, seed: 3)
        #expect(tally.failRate >= tally.required(0.95))
        #expect(tally.passRate <= tally.allowed(0.005))
    }

    @Test func `20 % more fails soon`() {
        let tally = tally(effect: 1.20, deviation: 0.06, seed: 4)
        #expect(tally.failRate >= tally.required(0.99))
        #expect(tally.meanBlocks <= 16)
    }

    @Test(arguments: [8, 16, 24, 40]) func `shorter plans keep to 5 % as well`(most: Int) {
        var random = SimulationRandom(seed: UInt64(most))
        var tally = GateTally()
        for _ in 0..<Self.gates {
            SimulatedGate.run(plan: .sequential(atMost: most), limit: 0, into: &tally) { 0.05 * random.normal() }
        }
        #expect(tally.failRate <= tally.allowed(0.05))
        #expect(tally.passRate <= tally.allowed(0.05))
    }

    @Test func `of five metrics at the limit hardly ever any fails`() {
        var random = SimulationRandom(seed: 5)
        var wrong = 0
        for _ in 0..<Self.gates {
            let evidence = (0..<5).map { _ in
                BlockEvidence(values: (0..<16).map { _ in 0.06 * random.normal() }, limit: 0)
            }
            if LookOutcome.of(evidence, level: 0.05).contains(.fail) { wrong += 1 }
        }
        let tally = GateTally(gates: Self.gates, passed: 0, failed: wrong, blocks: 0)
        #expect(tally.failRate <= tally.allowed(0.05))
    }

    /// Four looks with 5 % each: what the corrected level is there for.
    @Test func `looking four times without a correction errs more often`() {
        var random = SimulationRandom(seed: 6)
        var wrong = 0
        for _ in 0..<Self.gates {
            var values: [Double] = []
            for look in LookPlan.standardLooks {
                while values.count < look { values.append(0.06 * random.normal()) }
                if MeanInterval(values).map({ $0.probabilityIfAtMost(0) <= 0.05 }) ?? false {
                    wrong += 1
                    break
                }
            }
        }
        #expect(Double(wrong) / Double(Self.gates) > 0.09)
    }
}
