import Foundation
import SluiceStatistics
import Testing

/// The gate from requests to verdict: a queue whose collector pauses cluster, on a machine that drifts.
@Suite struct `Gate on simulated queues` {
    private static let limit = log(1.05)
    private static let gates = SimulationSize.of(reduced: 12, full: 2000)

    private func tally(slowdown: Double, drift: Double, gates: Int = Self.gates) -> GateTally {
        var tally = GateTally()
        for gate in 0..<gates {
            var blocks = SimulatedBlocks(seed: UInt64(gate * 7919), drift: drift, slowdown: slowdown)
            SimulatedGate.run(limit: Self.limit, into: &tally) { blocks.next() }
        }
        SimulationSize.report("queue, slowdown \(slowdown), drift \(drift): \(tally.words)")
        return tally
    }

    @Test(arguments: SimulationSize.isFull ? [0.02, 0.04, 0.06] : [0.04])
    func `the same module twice does not fail`(drift: Double) {
        let tally = tally(slowdown: 1, drift: drift)
        #expect(tally.failRate <= tally.allowed(0.01))
        #expect(tally.passRate >= 0.75)
    }

    @Test(arguments: SimulationSize.isFull ? [0.02, 0.04, 0.06] : [0.04])
    func `at the limit itself neither error is likelier than 5 %`(drift: Double) {
        let tally = tally(slowdown: 1.05, drift: drift, gates: max(6, Self.gates / 4))
        #expect(tally.failRate <= tally.allowed(0.05))
        #expect(tally.passRate <= tally.allowed(0.05))
    }

    @Test func `a candidate that is 22 % slower fails`() {
        let tally = tally(slowdown: 1.22, drift: 0.04, gates: max(8, Self.gates / 4))
        #expect(tally.failRate >= tally.required(0.99))
        #expect(tally.meanBlocks <= 16)
    }

    @Test func `nine in ten intervals of 90 % hold the truth`() {
        let gates = SimulationSize.of(reduced: 40, full: 2000)
        var held = 0
        var squares = 0.0
        for gate in 0..<gates {
            var blocks = SimulatedBlocks(seed: UInt64(gate * 104_729 + 1), drift: 0.04)
            guard let interval = MeanInterval((0..<10).map { _ in blocks.next() }) else { continue }
            squares += interval.standardDeviation * interval.standardDeviation
            if abs(interval.mean) <= interval.margin(level: 0.05) { held += 1 }
        }
        let deviation = (squares / Double(gates)).squareRoot()
        let coverage = Double(held) / Double(gates)
        SimulationSize.report("coverage of 90 % intervals \(coverage), deviation of log-ratios \(deviation)")
        // 1.5 %, and what is left to chance in so few.
        let tolerance = 0.015 + 2.5 * (0.09 / Double(gates)).squareRoot()
        #expect(abs(coverage - 0.9) <= tolerance)
    }
}

/// What a gate must not do. If these did not err, the simulation would not show what the gate's rule is there for.
@Suite struct `Wrong ways to compare` {
    private static let gates = SimulationSize.of(reduced: 40, full: 1000)
    private static let trials = 10

    /// Requests of all trials of an arm in one pile, with the interval that independent requests would have.
    @Test func `intervals from pooled requests that do not overlap are no proof`() {
        var wrong = 0
        for gate in 0..<Self.gates {
            var blocks = SimulatedBlocks(seed: UInt64(gate * 6007 + 3), drift: 0.04)
            var arms: [[Double]] = [[], []]
            for _ in 0..<Self.trials {
                let arrivals = blocks.nextArrivals()
                for arm in 0..<2 { arms[arm] += blocks.responseTimes(isCandidate: arm == 1, arrivals: arrivals) }
            }
            let bounds = arms.map { times in
                var times = times
                let margin = 1.96 * (0.99 * 0.01 / Double(times.count)).squareRoot()
                return (quantile(0.99 - margin, of: &times), quantile(0.99 + margin, of: &times))
            }
            if bounds[1].0 > bounds[0].1 { wrong += 1 }
        }
        let share = Double(wrong) / Double(Self.gates)
        SimulationSize.report("negative control, pooled requests: \(share) false alarms")
        #expect(share > 0.1, "an interval of 95 % on both sides should err in 2.5 % at most")
    }

    /// Ten trials of the one, then ten of the other.
    @Test func `one arm after the other takes the machine's drift for an effect`() {
        var wrong = 0
        for gate in 0..<Self.gates {
            var blocks = SimulatedBlocks(seed: UInt64(gate * 3001 + 11), drift: 0.06)
            let arrivals = (0..<Self.trials).map { _ in blocks.nextArrivals() }
            let baseline = arrivals.map { blocks.logarithm(isCandidate: false, arrivals: $0) }
            let candidate = arrivals.map { blocks.logarithm(isCandidate: true, arrivals: $0) }
            let interval = MeanInterval(zip(candidate, baseline).map { $0 - $1 })
            if interval.map({ $0.probabilityIfAtMost(0) <= 0.05 }) ?? false { wrong += 1 }
        }
        let share = Double(wrong) / Double(Self.gates)
        SimulationSize.report("negative control, one arm after the other: \(share) false alarms")
        #expect(share > 0.1, "5 % would be right")
    }
}
