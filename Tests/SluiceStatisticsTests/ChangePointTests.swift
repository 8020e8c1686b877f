import Foundation
import SluiceStatistics
import Testing

/// Change points of series whose changes are known.
@Suite struct `Change points` {
    private static let series = SimulationSize.of(reduced: 400, full: 10_000)

    @Test func `a level that changes is found where it changes`() {
        var random = SimulationRandom(seed: 11)
        var found = 0
        for _ in 0..<Self.series {
            let values = (0..<24).map { 0.02 * random.normal() + ($0 >= 15 ? 0.1 : 0) }
            if ChangePoints.find(in: values).contains(where: { abs($0.index - 15) <= 1 }) { found += 1 }
        }
        #expect(Double(found) >= 0.97 * Double(Self.series))
    }

    @Test func `noise has hardly ever a change point, and has them without the correction for places`() {
        var random = SimulationRandom(seed: 12)
        var wrong = 0
        var wrongUncorrected = 0
        for _ in 0..<Self.series {
            let values = (0..<30).map { _ in random.normal() }
            if !ChangePoints.find(in: values).isEmpty { wrong += 1 }
            // 30 values have 23 places between two levels of four and more.
            if !ChangePoints.find(in: values, level: 23 * ChangePoints.usualLevel).isEmpty { wrongUncorrected += 1 }
        }
        let tally = GateTally(gates: Self.series, passed: 0, failed: wrong, blocks: 0)
        SimulationSize.report("change points in noise: \(tally.words)")
        #expect(tally.failRate <= tally.allowed(ChangePoints.usualLevel))
        #expect(Double(wrongUncorrected) / Double(Self.series) > 3 * ChangePoints.usualLevel)
    }

    @Test func `two changes are two, with the levels between them`() throws {
        var random = SimulationRandom(seed: 13)
        let values = (0..<30).map { index -> Double in
            let level = index < 10 ? 1 : index < 20 ? 2 : 1.5
            return level + 0.05 * random.normal()
        }
        let changes = ChangePoints.find(in: values)
        #expect(changes.map(\.index) == [10, 20])
        #expect(abs(changes[0].before - 1) < 0.1 && abs(changes[0].after - 2) < 0.1)
        #expect(changes[1].before == changes[0].after && abs(changes[1].after - 1.5) < 0.1)
    }

    @Test func `one outlier is not a level`() {
        var values = (0..<20).map { 1 + 0.001 * Double($0 % 3) }
        values[12] = 9
        #expect(ChangePoints.find(in: values).isEmpty)
    }

    @Test func `figures without noise change where they change`() {
        #expect(ChangePoints.find(in: Array(repeating: 0.1, count: 40)).isEmpty)
        let steps = Array(repeating: 0.1, count: 5) + Array(repeating: 0.3, count: 5)
        #expect(ChangePoints.find(in: steps).map(\.index) == [5])
        #expect(ChangePoints.find(in: steps, leastDifference: 0.25).isEmpty)
        #expect(ChangePoints.find(in: Array(steps[2..<9])).isEmpty, "seven values are too few")
    }
}
