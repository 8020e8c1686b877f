import SluiceAnalysis
import SluiceModel
import Testing

@Suite struct `Heap sweep` {
    private func point(_ strategy: String, _ factor: Double, _ cpu: [Double]) -> SweepPoint {
        SweepPoint(
            strategy: strategy, factor: factor, bytes: Int(factor * 1e6), doesNotRun: cpu.isEmpty ? "too small" : nil,
            trials: cpu.count, cpuNanosecondsPerRequest: cpu,
            meanCPUNanosecondsPerRequest: cpu.isEmpty ? nil : cpu.reduce(0, +) / Double(cpu.count))
    }

    private func sweep(_ points: [SweepPoint]) -> HeapSweep {
        HeapSweep(baseBytes: 1_000_000, invocations: 3, load: [], points: points).withOverheads()
    }

    @Test func `sizes are whole pages and never below their share`() {
        #expect(HeapSweep.factors == [1, 1.25, 1.5, 2, 3, 4, 6])
        #expect(HeapSweep.bytes(factor: 1, baseBytes: 5 << 16) == 5 << 16)
        #expect(HeapSweep.bytes(factor: 1.25, baseBytes: 5 << 16) == 7 << 16)
        #expect(HeapSweep.bytes(factor: 6, baseBytes: 5 << 16) == 30 << 16)
    }

    @Test func `overheads are relative to the cheapest point of all strategies and sizes`() throws {
        let result = sweep([
            point("a", 1, [400, 400, 400]), point("b", 1, []), point("a", 2, [200, 200, 200]),
            point("b", 2, [100, 100, 100]),
        ])
        #expect(result.baselineNanoseconds == 100)
        #expect(result.points.map(\.overhead) == [4, nil, 2, 1])
        #expect(result.points[0].overheadInterval == [4, 4])
        #expect(result.points[1].overheadInterval == nil)
    }

    @Test func `blocks are resampled together, and the baseline with them`() throws {
        // Twice as slow in every block, whatever the block's own pace is: no doubt about the ratio.
        let result = sweep([point("a", 1, [100, 300, 700, 150]), point("b", 1, [200, 600, 1400, 300])])
        #expect(result.points[1].overheadInterval == [2, 2])
        // The same means from blocks that disagree.
        let noisy = sweep([point("a", 1, [100, 300, 700, 150]), point("b", 1, [1400, 300, 200, 600])])
        let interval = try #require(noisy.points[1].overheadInterval)
        #expect(interval[0] < 1.5 && interval[1] > 2.5)
        #expect(noisy.points.allSatisfy { ($0.overheadInterval?[0] ?? 1) >= 1 })
    }

    @Test func `two trials have no interval, and no points no baseline`() {
        #expect(sweep([point("a", 1, [1, 2])]).points[0].overheadInterval == nil)
        #expect(sweep([point("a", 1, [])]).baselineNanoseconds == nil)
    }
}
